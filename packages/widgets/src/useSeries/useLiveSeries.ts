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

/**
 * Lengths of buckets, and the time by which a series is shown late. A second that has just begun is always almost empty,
 * and the events of the one before are on their way.
 */
const seriesTimes: Readonly<Record<SeriesChannel, { bucketMs: number; delayMs: number }>> = {
  secondSeries: { bucketMs: bucketMs.second, delayMs: 1000 },
  minuteSeries: { bucketMs: bucketMs.minute, delayMs: 0 },
}

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
    const { delayMs, ...times } = seriesTimes[current.channel]
    const { metric = 'pageViews', maxPoints = serverBuckets - delayMs / times.bucketMs } = current
    const status = live.status.value
    const count = Math.min(Math.max(1, Math.floor(maxPoints) || 1), maxLivePoints)
    const at = Date.now()
    // One more than shown, as the window may be shown late.
    window ??= createLiveWindow({ ...times, serverBuckets, maxPoints: count + 1 })
    clock ??= createServerClock(times.bucketMs)
    clock.observe(rows, at)
    window.apply(rows, clock.toServer(knownUntil(status, at)))
    const newer = isCurrent(status) ? 'pending' : 'unknown'
    const end = clock.toServer(at) - delayMs
    points.value = keepEqual(points.value, window.points(metric, end, count, newer))
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

/** Whether updates arrive at their normal rate. */
function isCurrent({ stale, offline, paused, unauthorized, error }: LiveStatus): boolean {
  return !stale && !offline && !paused && !unauthorized && !error
}

/** Returns the time until which a bucket without a row had no events, on the reader's clock. */
function knownUntil(status: LiveStatus, now: number): number {
  return isCurrent(status) && status.phase === 'live' ? now : (status.syncedAt ?? now)
}
