import { type MetricsBucket, fetchDashboardData } from '@tidemark/widgets'
import { type ComputedRef, computed, shallowRef } from 'vue'
import { config } from './site.ts'
import { useEvery } from './useEvery.ts'
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
  /** The last hour, oldest first; empty before the first answer. */
  readonly minutes: ComputedRef<readonly Minute[]>
}

const minuteMs = 60_000
const spanMinutes = 60
const everyMs = 3000

/** Page views by minute. What was known stays while the server is not reached, and what was not is a gap. */
export function useHistory(): History {
  const known = shallowRef<readonly MetricsBucket[]>()
  const now = useNow(1000)

  async function read(signal: AbortSignal): Promise<void> {
    const endDate = Date.now()
    try {
      const { metrics } = await fetchDashboardData(config, {
        startDate: startOf(endDate) - (spanMinutes - 1) * minuteMs,
        endDate,
        signal,
      })
      known.value = metrics.buckets
    } catch {
      // The widgets say what is wrong; the chart shows from when on nothing is known.
    }
  }

  useEvery(everyMs, read)

  const minutes = computed(() => {
    const buckets = known.value
    if (!buckets) return []
    const byStart = new Map(buckets.map(({ at, pageViews }) => [at, pageViews]))
    const last = startOf(now.value)
    return Array.from({ length: spanMinutes }, (_, index): Minute => {
      const at = last - (spanMinutes - 1 - index) * minuteMs
      return { at, pageViews: byStart.get(at), isNow: at === last }
    })
  })
  return { minutes }
}

function startOf(at: number): number {
  return Math.floor(at / minuteMs) * minuteMs
}
