import type { RollupBounds } from '../rollup/bounds.ts'
import type { PartName } from '../rollup/bucket/dimensions.ts'
import type { BucketBounds } from '../rollup/bucket/parts.ts'
import type { Seconds } from '../rollup/history/seconds.ts'
import type { Tier } from '../rollup/history/tier.ts'
import type { Tiers } from '../rollup/history/tiers.ts'
import type { TimeZone } from '../rollup/history/time-zone.ts'
import type { Granularity } from './granularity.ts'
import type { BreakdownDimension } from './metrics-query.ts'
import type { MetricsRow, MetricsTotals, PeopleTotals } from './rows.ts'

/** The stored and open buckets of a site. */
export interface History {
  readonly tiers: Pick<Tiers, 'totals' | 'read' | 'eachOfRange'>
  readonly seconds: Pick<Seconds, 'range'>
  readonly zone: TimeZone
  readonly bounds: BucketBounds & Pick<RollupBounds, 'secondsMs'>
  /** Returns the start of the first bucket of a tier that can be read, in milliseconds since 1970. */
  availableFrom(tier: Tier): number
  /** Returns the damaged buckets of a part, as ranges of their starts in milliseconds since 1970. */
  damagedIn(part: PartName): readonly { tier: string; start: number; end: number }[]
}

export interface MetricsBucket extends MetricsTotals, Partial<PeopleTotals> {
  /** Start, in milliseconds since 1970. */
  at: number
  /** With `bucketLimit`, in descending order. */
  rows?: MetricsRow[]
  /** With `row`, the row of that name; `null` where its numbers are unknown or, by `value`, where it has no values. */
  row?: MetricsRow | null
}

/** The body of `GET metrics`. The range is half-open: it starts at `from` and ends before `to`. */
export interface MetricsAnswer {
  from: number
  to: number
  granularity: Granularity
  by?: BreakdownDimension
  /** One bucket for each span of the granularity, with zeros where nothing happened. */
  buckets: MetricsBucket[]
  /** Totals of the whole range. */
  totals: MetricsTotals & Partial<PeopleTotals>
  /** With `by`, the rows of the whole range. */
  rows?: MetricsRow[]
  /** Damaged parts of the range. They count as zero. Absent without damage. */
  missing?: { from: number; to: number }[]
  /** With `compare=previous`, the preceding range of the same length. */
  previous?: { from: number; to: number; totals: MetricsTotals & Partial<PeopleTotals> }
}
