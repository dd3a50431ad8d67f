import type {
  HistoryDimension,
  PropertyValueRow,
  ValueStats,
  historyDimensions,
} from '@tidemark/protocol'

export type Granularity = 'second' | 'minute' | 'hour' | 'day'

/** Counts of one bucket, or of a range. */
export interface MetricsTotals {
  events: number
  pageViews: number
  /** Distinct visitors; in a range, a visitor in several buckets counts once. */
  visitors: number
  /** Sessions that started here. */
  sessions: number
  /** Sessions that started here and are bounces by the rule of the site. */
  bounces: number
  /** `bounces / sessions`, from 0 to 1; 0 without sessions. */
  bounceRate: number
  /** Events of bots, which no other number includes. */
  botEvents: number
}

/** Counts with the figures of people: in the totals of a range, and in buckets by hour or day. */
export interface DetailedTotals extends MetricsTotals {
  /** Distinct users that the site knows by `userId`. */
  users?: number
  /** Distinct visitors on the day on which their browser stored their id. */
  newVisitors?: number
  /** Distinct visitors on a later day. */
  returningVisitors?: number
  /** Mean page views of the sessions that started here. */
  pagesPerSession?: number
  /** Mean time from the first to the last event of these sessions, in milliseconds. */
  sessionMs?: number
  /** Mean time of these sessions in which a page was visible and had the focus, in milliseconds. */
  engagedMs?: number
}

interface RankedRow {
  visitors: number
  /** The row combines all names that are not listed; its name is `(other)`. */
  rest?: true
}

/** Summary of the `value` of events with one name. */
export interface ValueMetricsRow extends ValueStats {
  name: string
  /** Events per second. */
  rate: number
}

/** Rows of sessions have no visitors. */
type RankedRowOf<Name extends HistoryDimension> =
  (typeof historyDimensions)[Name]['count'] extends 'sessions' ? Pick<RankedRow, 'rest'> : RankedRow

/** Row types by dimension. */
type RowsByDimension = {
  [Name in HistoryDimension]: Record<Name, string> &
    Record<(typeof historyDimensions)[Name]['count'], number> &
    RankedRowOf<Name>
} & {
  property: PropertyValueRow
  value: ValueMetricsRow
}

/** Dimensions of a breakdown, the values of `by`. */
export type BreakdownDimension = keyof RowsByDimension

/** Dimensions that are counted by hours and days, not by minutes. */
export type HourDimension =
  | 'property'
  | {
      [Name in HistoryDimension]: (typeof historyDimensions)[Name]['finest'] extends 'hour'
        ? Name
        : never
    }[HistoryDimension]

/** Events and properties that a query `by: 'property'` selects. */
export type PropertyFilter =
  | {
      /** With `by: 'property'`: name of the event. @default the events with properties are the rows */
      name: string
      /** With `name`: property of the event; its values are the rows. @default the properties of the event are the rows */
      property?: string | undefined
    }
  | { name?: undefined; property?: undefined }

/** Pages that a query `by: 'referringPage'` selects. */
export interface ReferrerFilter {
  /** With `by: 'referringPage'`: the only source, such as `'news.example'`. @default all sources */
  referrer?: string | undefined
}

/** Fields that select the rows of a breakdown, by its dimension. */
export type RowFilter<By> = ([By] extends ['property']
  ? PropertyFilter
  : 'property' extends By
    ? { name?: string | undefined; property?: string | undefined }
    : { name?: undefined; property?: undefined }) &
  ('referringPage' extends By ? ReferrerFilter : { referrer?: undefined })

/** One row of a breakdown: `MetricsRow<'path'>` is `{ path, pageViews, visitors }`. */
export type MetricsRow<By extends BreakdownDimension = BreakdownDimension> = RowsByDimension[By]

export interface MetricsBucket extends DetailedTotals {
  /** Start of the bucket, in milliseconds since 1970. */
  at: number
}

/** Response to a query without `by`. */
export interface MetricsSeries {
  /** Start of the first bucket, in milliseconds since 1970. */
  from: number
  /** End of the last bucket, in milliseconds since 1970. */
  to: number
  granularity: Granularity
  /** Counts of the whole range. */
  totals: DetailedTotals
  /** One bucket for each interval of the range; an interval without events has zeros. */
  buckets: MetricsBucket[]
  /** Parts of the range whose stored numbers are damaged; they count as zero. Absent without damage. */
  missing?: MissingRange[]
}

/** Half-open range without reliable numbers, in milliseconds since 1970. */
export interface MissingRange {
  from: number
  to: number
}

/** Bucket of a query with `by`. */
export interface BreakdownBucket<By extends BreakdownDimension> extends MetricsBucket {
  /** With `bucketLimit`, the rows of the bucket, largest first. */
  rows?: MetricsRow<By>[]
  /** With `row`, the row of that name; `null` where its numbers are unknown or, by `value`, where it has no values. */
  row?: MetricsRow<By> | null
}

/** Response to a query with `by`: the series, with rows for the range, and for each bucket if requested. */
export interface MetricsBreakdown<By extends BreakdownDimension> extends MetricsSeries {
  by: By
  /** Rows of the whole range, largest first. */
  rows: MetricsRow<By>[]
  buckets: BreakdownBucket<By>[]
}

/** Totals of the range of equal length before the queried one. */
export interface PreviousMetrics {
  from: number
  to: number
  totals: DetailedTotals
}

/**
 * Response of `fetchMetrics`; its type depends on `by` and `compare` of the query. `rows` and `previous` are optional
 * when `By` and `Compare` include `undefined`.
 */
export type Metrics<
  By extends BreakdownDimension | undefined = undefined,
  Compare extends 'previous' | undefined = undefined,
> = WithRows<By> & WithPrevious<Compare>

type WithRows<By extends BreakdownDimension | undefined> = [By] extends [undefined]
  ? MetricsSeries
  : By extends BreakdownDimension
    ? MetricsBreakdown<By>
    : MetricsSeries & { by?: undefined; rows?: undefined }

type WithPrevious<Compare extends 'previous' | undefined> = [Compare] extends [undefined]
  ? unknown
  : [Compare] extends ['previous']
    ? { previous: PreviousMetrics }
    : { previous?: PreviousMetrics }
