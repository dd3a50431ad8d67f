import type { MetricsQuery } from '../fetchMetrics/fetchMetrics.ts'
import type { MetricsSeries, PreviousMetrics } from '../fetchMetrics/metrics.ts'
import { TidemarkError } from '../request/tidemark-error.ts'
import type { HistoryQuery } from './history-query.ts'
import { startOfLocalDay } from './range-selection.ts'
import { bucketMs } from './resolve-range.ts'

/** Longest elapsed time that is compared to the minute; longer ones are compared to the hour. */
const maxMinutesMs = 12 * 60 * 60_000
/** Most hours in one response of the server. */
const maxHoursMs = 2208 * 60 * 60_000

/** Requests the totals of a range. */
type LoadRange = (
  query: Required<Pick<MetricsQuery, 'from' | 'to' | 'granularity'>>,
) => Promise<MetricsSeries>

/** Replaces the previous range of a response. */
export type CompareElapsed = (
  data: MetricsSeries & { previous?: PreviousMetrics },
  now: number,
  load: LoadRange,
) => Promise<MetricsSeries>

/**
 * Creates a function that makes the comparison of a range with an unfinished hour or day fair: the previous range ends
 * as early in its last bucket as now. Three quiet hours of a morning are not less than a complete day. Today is
 * compared with yesterday up to the same time.
 *
 * The last result is retained, as it changes once a minute or an hour.
 */
export function createElapsedComparison(query: HistoryQuery): CompareElapsed {
  let last: { key: string; previous: PreviousMetrics } | undefined

  return async (data, now, load) => {
    const range = data.previous && elapsedRange(query, { ...data, previous: data.previous }, now)
    if (!range) return data
    const key = JSON.stringify(range)
    try {
      if (last?.key !== key) {
        const { from, to, totals } = await load(range)
        last = { key, previous: { from, to, totals } }
      }
      return { ...data, previous: last.previous }
    } catch (cause) {
      // The server does not store such small buckets for this time. The response has the complete previous range.
      if (cause instanceof TidemarkError && cause.code === 'query_invalid') return data
      throw cause
    }
  }
}

/** Returns the elapsed part of the previous range; `undefined` if the response has it already. */
function elapsedRange(
  { range }: HistoryQuery,
  data: MetricsSeries & { previous: PreviousMetrics },
  now: number,
): Parameters<LoadRange>[0] | undefined {
  const isCurrent = data.to > now && now >= data.to - bucketMs[data.granularity]
  if (!isCurrent || bucketMs[data.granularity] < bucketMs.hour) return undefined
  const isToday = range !== undefined && 'day' in range && range.day === 'today'
  const from = isToday ? startOfLocalDay(now, -1) : data.previous.from
  const elapsedMs = now - data.from
  const granularity = elapsedMs <= maxMinutesMs ? 'minute' : 'hour'
  const step = bucketMs[granularity]
  const to = from + Math.max(1, Math.round(elapsedMs / step)) * step
  return elapsedMs > maxHoursMs ? undefined : { from, to, granularity }
}
