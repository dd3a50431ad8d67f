import { type MetricsBucket, fetchDashboardData } from '@tidemark/widgets'
import { type ComputedRef, computed, shallowRef } from 'vue'
import { config } from './site.ts'
import { useEvery } from './usePolling.ts'
import { useNow } from './useNow.ts'

/** One minute of the chart. */
export interface Minute {
  /** Start, in milliseconds since 1970. */
  readonly at: number
  /** `undefined` where nothing is known: the server has not been reached since. */
  readonly pageViews: number | undefined
  /** Whether it is still going on. */
  readonly isNow: boolean
}

export interface History {
  /** The last hour, oldest first; empty before the server has answered, or has failed to. */
  readonly minutes: ComputedRef<readonly Minute[]>
}

const minuteMs = 60_000
const spanMinutes = 60
const everyMs = 3000
/** A server that has not answered for this long may have more to tell than is known. */
const silenceMs = 10_000

interface Known {
  readonly buckets: readonly MetricsBucket[]
  /** When the server said so, in milliseconds since 1970. */
  readonly at: number
}

const nothing: Known = { buckets: [], at: -Infinity }

/** Page views by minute. What was known stays while the server is not reached, and what was not is a gap. */
export function useHistory(): History {
  const known = shallowRef<Known>()
  const now = useNow(1000)

  async function read(signal: AbortSignal): Promise<void> {
    const endDate = Date.now()
    try {
      const { metrics } = await fetchDashboardData(config, {
        startDate: startOf(endDate) - (spanMinutes - 1) * minuteMs,
        endDate,
        signal,
      })
      known.value = { buckets: metrics.buckets, at: endDate }
    } catch {
      // The widgets say what is wrong; the chart shows from when on nothing is known.
      known.value ??= nothing
    }
  }

  useEvery(everyMs, read)

  const minutes = computed(() => {
    if (!known.value) return []
    const byStart = new Map(known.value.buckets.map(({ at, pageViews }) => [at, pageViews]))
    const last = startOf(now.value)
    const isSilent = now.value - known.value.at > silenceMs
    return Array.from({ length: spanMinutes }, (_, index): Minute => {
      const at = last - (spanMinutes - 1 - index) * minuteMs
      // A minute that has begun since the last answer is still empty.
      return { at, pageViews: byStart.get(at) ?? (isSilent ? undefined : 0), isNow: at === last }
    })
  })
  return { minutes }
}

function startOf(at: number): number {
  return Math.floor(at / minuteMs) * minuteMs
}
