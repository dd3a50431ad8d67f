import type { LiveStatus } from '@tidemark/sdk/live'
import { type ComputedRef, computed, shallowRef, watch } from 'vue'
import type { RealtimeConfig } from '../config.ts'
import { targetKey, toTarget } from '../config.ts'
import { bucketMs } from '../history/resolve-range.ts'
import { type DataSource, liveSource } from '../status/data-source.ts'
import { useNow } from '../time/useNow.ts'
import { useRealtime } from '../useRealtime/useRealtime.ts'
import { type LiveWindow, createLiveWindow } from './live-window.ts'
import type { LiveSeriesOptions, SeriesChannel } from './series-options.ts'
import { type SeriesPoint, keepEqual } from './series-point.ts'
import { type ServerClock, createServerClock } from './server-clock.ts'

/** Number of buckets of the server's live series, with the running one. */
const serverBuckets = 60
const maxLivePoints = 3600

/** Time until an ended second is complete: its last events arrive a moment later. */
const settleMs = 1000

interface LiveSeries {
  /** `undefined` until the series arrives. */
  readonly points: ComputedRef<readonly SeriesPoint[] | undefined>
  readonly source: DataSource
}

/**
 * Follows a live series.
 * @param options `undefined` while another source is in use
 */
export function useLiveSeries(
  config: () => RealtimeConfig | undefined,
  options: () => LiveSeriesOptions | undefined,
): LiveSeries {
  const channel = computed(() => options()?.channel)
  const live = useRealtime(
    () => (channel.value ? config() : undefined),
    () => (channel.value ? [channel.value] : []),
  )
  const now = useNow()
  const points = shallowRef<readonly SeriesPoint[]>()
  let window: LiveWindow | undefined
  let clock: ServerClock | undefined

  const windowKey = computed(() => {
    const site = config()
    return JSON.stringify([channel.value, site && targetKey(toTarget(site)), options()?.maxPoints])
  })

  function reset(): void {
    points.value = undefined
    window = undefined
    clock = undefined
  }

  function update(): void {
    const current = options()
    const rows = channel.value && live.state[channel.value]
    if (!current || !rows) return reset()
    if (current.paused && points.value) return
    const { metric = 'pageViews', maxPoints = serverBuckets } = current
    const status = live.status.value
    const count = Math.min(Math.max(1, Math.floor(maxPoints) || 1), maxLivePoints)
    const at = Date.now()
    window ??= createLiveWindow({
      ...windowOptions[current.channel],
      serverBuckets,
      maxPoints: count,
    })
    clock ??= createServerClock(windowOptions[current.channel].bucketMs)
    clock.observe(rows, at)
    window.apply(rows, clock.toServer(knownUntil(status, at)))
    const newer = isCurrent(status) ? 'pending' : 'unknown'
    points.value = keepEqual(points.value, window.points(metric, clock.toServer(at), count, newer))
  }

  watch(windowKey, reset, { flush: 'sync' })
  watch(
    [
      windowKey,
      () => channel.value && live.state[channel.value],
      live.status,
      now,
      () => options()?.metric,
      () => options()?.paused,
    ],
    update,
    { immediate: true },
  )
  return { points: computed(() => points.value), source: liveSource(live) }
}

const windowOptions: Readonly<Record<SeriesChannel, { bucketMs: number; settleMs: number }>> = {
  secondSeries: { bucketMs: bucketMs.second, settleMs },
  minuteSeries: { bucketMs: bucketMs.minute, settleMs: 0 },
}

/** Whether updates arrive at their normal rate. */
function isCurrent({ stale, offline, paused, unauthorized, error }: LiveStatus): boolean {
  return !stale && !offline && !paused && !unauthorized && !error
}

/** Returns the time until which a bucket without a row had no events, on the reader's clock. */
function knownUntil(status: LiveStatus, now: number): number {
  return isCurrent(status) && status.phase === 'live' ? now : (status.syncedAt ?? now)
}
