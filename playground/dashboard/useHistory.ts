import { type MetricsBucket, fetchDashboardData } from '@tidemark/widgets'
import { type ComputedRef, computed, shallowRef } from 'vue'
import { config } from './site.ts'
import { usePolling } from './usePolling.ts'
import { useNow } from './useNow.ts'

/** One minute of the chart. */
export interface Minute {
  /** Start, in milliseconds since 1970. */
  readonly at: number
  /** `undefined` for a minute without data, because the server has not answered since. */
  readonly pageViews: number | undefined
  /** Whether this is the current, incomplete minute. */
  readonly isNow: boolean
}

export interface History {
  /** The last hour, oldest first; empty until the first request has succeeded or failed. */
  readonly minutes: ComputedRef<readonly Minute[]>
}

const minuteMs = 60_000
const spanMinutes = 60
const pollPauseMs = 3000
/** Without a response for this time, new minutes are unknown instead of empty. */
const staleAfterMs = 10_000

interface HistoryResponse {
  readonly buckets: readonly MetricsBucket[]
  /** Time of the request, in milliseconds since 1970. */
  readonly at: number
}

const emptyResponse: HistoryResponse = { buckets: [], at: -Infinity }

/** Returns the page views per minute. While the server is unreachable, known minutes stay and new ones are gaps. */
export function useHistory(): History {
  const latest = shallowRef<HistoryResponse>()
  const now = useNow(1000)

  async function load(signal: AbortSignal): Promise<void> {
    const endDate = Date.now()
    try {
      const { metrics } = await fetchDashboardData(config, {
        startDate: startOf(endDate) - (spanMinutes - 1) * minuteMs,
        endDate,
        signal,
      })
      latest.value = { buckets: metrics.buckets, at: endDate }
    } catch {
      // The widgets show the error; the chart shows minutes without data as unknown.
      latest.value ??= emptyResponse
    }
  }

  usePolling(pollPauseMs, load)

  const minutes = computed(() => {
    if (!latest.value) return []
    const byStart = new Map(latest.value.buckets.map(({ at, pageViews }) => [at, pageViews]))
    const currentMinute = startOf(now.value)
    const isStale = now.value - latest.value.at > staleAfterMs
    return Array.from({ length: spanMinutes }, (_, index): Minute => {
      const at = currentMinute - (spanMinutes - 1 - index) * minuteMs
      // A minute that started after a recent response is still empty.
      return {
        at,
        pageViews: byStart.get(at) ?? (isStale ? undefined : 0),
        isNow: at === currentMinute,
      }
    })
  })
  return { minutes }
}

function startOf(at: number): number {
  return Math.floor(at / minuteMs) * minuteMs
}
