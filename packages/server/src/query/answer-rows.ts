import { type BreakdownTable, createBreakdown } from '../rollup/bucket/breakdown.ts'
import type { Dimension } from '../rollup/bucket/dimensions.ts'
import {
  type BucketBounds,
  decodeBreakdown,
  decodeValues,
  maxRowsOf,
  mergeBreakdown,
} from '../rollup/bucket/parts.ts'
import { type Values, createValues } from '../rollup/bucket/values.ts'
import { toPropertyRow, toPropertyRows } from '../rollup/bucket/property-rows.ts'
import type { EncodedPart } from '../rollup/history/open-buckets.ts'
import type { CooperativeTask } from '../shared/cooperative-task.ts'
import type { History, MetricsBucket } from './metrics-answer.ts'
import { type BreakdownDimension, type MetricsQuery, partOf } from './metrics-query.ts'
import { readProperties } from './property-rows.ts'
import { type CountedNames, toReferringPages } from './referring-pages.ts'
import { type MetricsRow, toMetricsRow, toMetricsRows, toValueRows } from './rows.ts'

const secondMs = 1000

interface Range {
  readonly from: number
  readonly to: number
}

/** Reads the rows of the whole range, from as few stored buckets as possible. */
export function* readRangeRows(
  { tiers, bounds, availableFrom }: History,
  query: MetricsQuery,
  by: BreakdownDimension,
  now: number,
): CooperativeTask<MetricsRow[]> {
  const { from, to, granularity, limit, bucketRows, view } = query
  if (granularity === 'second') return []
  const parts = tiers.eachOfRange(granularity, partOf(by), { from, to }, availableFrom)
  if (by === 'value') {
    const values = yield* mergeValues(parts, bounds)
    return toValueRows(values, elapsedMs({ from, to }, now), view.minCount)
  }
  if (by === 'property') {
    const rows = yield* readProperties(parts, query.properties, bounds.maxProperties)
    return toPropertyRows(rows, limit, view.minCount)
  }
  const table = namesOf(query, by, yield* mergeBreakdowns(by, parts, bounds))
  if (!view.onlyRow) return toMetricsRows(by, table, limit, view.minCount)
  if (bucketRows?.kind !== 'one') return []
  const row = toMetricsRow(by, table, bucketRows.name, view.minCount)
  return row ? [row] : []
}

/** Reads the requested rows of one bucket. */
export function* readBucketRows(
  { tiers, bounds }: History,
  query: MetricsQuery,
  { from, to }: Range,
  now: number,
): CooperativeTask<Pick<MetricsBucket, 'row' | 'rows'>> {
  const { granularity, by, bucketRows } = query
  const { minCount } = query.view
  if (!by || !bucketRows || granularity === 'second') return {}
  const parts = yield* tiers.read(granularity, partOf(by), from, to)
  if (by === 'value') {
    const values = yield* mergeValues(parts, bounds)
    const rows = toValueRows(values, elapsedMs({ from, to }, now), minCount)
    if (bucketRows.kind === 'largest') return { rows }
    return { row: rows.find(({ name }) => name === bucketRows.name) ?? null }
  }
  if (by === 'property') {
    const table = yield* readProperties(parts, query.properties, bounds.maxProperties)
    if (bucketRows.kind === 'largest') {
      return { rows: toPropertyRows(table, bucketRows.limit, minCount) }
    }
    const row = table.rows.get(bucketRows.name)
    const isVisible = row && row.countVisitors() >= minCount
    return { row: isVisible ? toPropertyRow(bucketRows.name, row) : null }
  }
  const table = namesOf(query, by, yield* mergeBreakdowns(by, parts, bounds))
  if (bucketRows.kind === 'largest') {
    return { rows: toMetricsRows(by, table, bucketRows.limit, minCount) }
  }
  return { row: toMetricsRow(by, table, bucketRows.name, minCount) ?? null }
}

/** Returns the counts by the names that the rows of an answer have. */
function namesOf({ referrer }: MetricsQuery, by: Dimension, table: BreakdownTable): CountedNames {
  return by === 'referringPage' ? toReferringPages(table, referrer) : table
}

/** Merges the encoded tables of one part. */
export function* mergeBreakdowns(
  dimension: Dimension,
  parts: Iterable<EncodedPart>,
  bounds: BucketBounds,
): CooperativeTask<BreakdownTable> {
  let table: BreakdownTable | undefined
  for (const { bytes } of parts) {
    if (table) yield* mergeBreakdown(table, bytes)
    else table = yield* decodeBreakdown(bytes, bounds, dimension)
    yield
  }
  return table ?? createBreakdown(maxRowsOf(dimension, bounds))
}

function* mergeValues(parts: Iterable<EncodedPart>, bounds: BucketBounds): CooperativeTask<Values> {
  const all = createValues(bounds.maxValueNames)
  for (const { bytes } of parts) {
    all.merge(decodeValues(bytes, bounds))
    yield
  }
  return all
}

/** Returns the elapsed part of a range, so that the future does not lower a rate. */
function elapsedMs({ from, to }: Range, now: number): number {
  return Math.max(secondMs, Math.min(to, now) - from)
}
