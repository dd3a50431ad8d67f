import type { SiteConfig } from '../config.ts'
import { type RequestOptions, invalidResponse, requestJson } from '../request/request-json.ts'
import { TidemarkError } from '../request/tidemark-error.ts'
import { isMetrics, lacksTotals } from './is-metrics.ts'
import type {
  BreakdownDimension,
  Granularity,
  HourDimension,
  Metrics,
  MetricsSeries,
  RowFilter,
} from './metrics.ts'

/** A `Date`, milliseconds since 1970, or ISO 8601: `2026-11-22T10:00Z`, or `2026-11-22` in the server's time zone. */
export type MetricsTime = Date | number | string

/** Granularities that count by a dimension. */
type GranularityOf<By> = [By] extends [HourDimension]
  ? 'hour' | 'day'
  : By extends BreakdownDimension
    ? Exclude<Granularity, 'second'>
    : Granularity

/** Query of `fetchMetrics`. */
export type MetricsQuery<
  By extends BreakdownDimension | undefined = BreakdownDimension | undefined,
  Compare extends 'previous' | undefined = 'previous' | undefined,
> = RangeQuery<By, Compare> & RowFilter<By>

interface RangeQuery<
  By extends BreakdownDimension | undefined,
  Compare extends 'previous' | undefined,
> extends RequestOptions {
  /** Start of the range. @default 60 seconds, 60 minutes, 24 hours or 30 days before `to`, by granularity */
  from?: MetricsTime
  /** End of the range, exclusive. @default the end of the current bucket */
  to?: MetricsTime
  /**
   * Length of a bucket; `by` needs at least `'minute'`, and `'hour'` for dimensions that are counted by hours.
   * @default 'minute', or 'hour' for such a dimension
   */
  granularity?: GranularityOf<By>
  /** Dimension of the breakdown. @default none */
  by?: By
  /** Maximum number of rows before `(other)`, 1 to 1000, for any `by` but `'value'`. @default 1000 */
  limit?: By extends Exclude<BreakdownDimension, 'value'> ? number : never
  /**
   * Maximum number of rows in each bucket before `(other)`, 1 to 1000, for any `by` but `'value'`. All buckets together
   * have at most 50,000. @default no rows in the buckets
   */
  bucketLimit?: By extends Exclude<BreakdownDimension, 'value'> ? number : never
  /** Name of a row, such as `'/boots'`, for its numbers in each bucket. Excludes `bucketLimit`. @default none */
  row?: By extends BreakdownDimension ? string : never
  /** `'previous'` adds the totals of the range of equal length before `from`. @default none */
  compare?: Compare
}

/**
 * Field of a query that is certainly present when it has a type other than `undefined`. A type without `undefined` is
 * not distributed, because TypeScript does not compare a union with objects of more than 25 names.
 */
type Present<Name extends string, Value> = undefined extends Value
  ? Value extends undefined
    ? { [Field in Name]?: undefined }
    : { [Field in Name]: Value }
  : { [Field in Name]: Value }

/**
 * Reads the history of a site: totals of a time range, and a bucket for each second, minute, hour or day.
 * `by` adds the rows of a breakdown, `bucketLimit` or `row` also to each bucket. `rows` and `previous` are optional in the type of the response when `by` and
 * `compare` are optional in the type of the query.
 *
 * @throws {TidemarkError} when the server refuses the query (`query_invalid`, `query_too_large`) or leaves out totals
 *   (`selection_forbidden`), does not answer, or is not a Tidemark server
 */
export function fetchMetrics<
  By extends BreakdownDimension | undefined = undefined,
  Compare extends 'previous' | undefined = undefined,
>(
  config: SiteConfig,
  query?: MetricsQuery<By, Compare> & Present<'by', By> & Present<'compare', Compare>,
): Promise<Metrics<By, Compare>>
export function fetchMetrics<
  By extends BreakdownDimension,
  Compare extends 'previous' | undefined = undefined,
>(
  config: SiteConfig,
  query: MetricsQuery<By, Compare> & Present<'by', By>,
): Promise<Metrics<By, Compare | undefined>>
export function fetchMetrics<By extends BreakdownDimension | undefined = undefined>(
  config: SiteConfig,
  query: MetricsQuery<By, 'previous'> & Present<'compare', 'previous'>,
): Promise<Metrics<By | undefined, 'previous'>>
export function fetchMetrics<
  By extends BreakdownDimension | undefined = undefined,
  Compare extends 'previous' | undefined = undefined,
>(
  config: SiteConfig,
  query: MetricsQuery<By, Compare>,
): Promise<Metrics<By | undefined, Compare | undefined>>
export async function fetchMetrics(
  config: SiteConfig,
  query: MetricsQuery = {},
): Promise<MetricsSeries> {
  const { from, to, granularity, by, compare } = query
  const { referrer, name: event, property, limit, bucketLimit, row } = query
  const parameters = new URLSearchParams()
  const rows = { by, referrer, name: event, property, limit, bucketLimit, row }
  const fields = { from: toText(from), to: toText(to), granularity, ...rows, compare }
  for (const [name, value] of Object.entries(fields)) {
    if (value !== undefined) parameters.set(name, String(value))
  }
  const response = await requestJson(config, 'metrics', parameters, query)
  if (isMetrics(response, by, compare)) return response
  throw lacksTotals(response, by)
    ? new TidemarkError('selection_forbidden', withoutTotals)
    : invalidResponse(config)
}

const withoutTotals = 'This reader gets no totals. Allow it the channel "minuteSeries".'

function toText(time: MetricsTime | undefined): string | undefined {
  return time === undefined ? undefined : String(time instanceof Date ? time.getTime() : time)
}
