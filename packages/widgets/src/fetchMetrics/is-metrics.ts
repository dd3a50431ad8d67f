import { isObject } from '@tidemark/protocol'
import { isListOf, isNumber } from '../request/type-guards.ts'
import type { BreakdownDimension, Metrics, MetricsTotals, MissingRange } from './metrics.ts'
import { countFieldOf, nameFieldOf } from './row-fields.ts'

/**
 * Reports whether a response has the totals and buckets of metrics, and the rows or the previous range if requested.
 */
export function isMetrics<
  By extends BreakdownDimension | undefined,
  Compare extends 'previous' | undefined,
>(response: unknown, by?: By, compare?: Compare): response is Metrics<By, Compare> {
  if (!isObject(response)) return false
  const { from, to, granularity, totals, buckets, previous, missing = [] } = response
  const hasRows = (part: Record<string, unknown>): boolean => !by || isRows(part['rows'], by)
  const isBucket = (bucket: unknown): boolean =>
    isTotals(bucket) &&
    isNumber(bucket['at']) &&
    (bucket['rows'] === undefined || hasRows(bucket)) &&
    (!by || !bucket['row'] || isRows([bucket['row']], by))
  return (
    isNumber(from) &&
    isNumber(to) &&
    typeof granularity === 'string' &&
    isTotals(totals) &&
    response['by'] === by &&
    hasRows(response) &&
    Array.isArray(buckets) &&
    buckets.every(isBucket) &&
    isListOf(missing, isTimeRange) &&
    (!compare || isRange(previous))
  )
}

/** Reports whether a response has the row of a breakdown without totals, as for a reader of single pages. */
export function lacksTotals(response: unknown, by?: BreakdownDimension): boolean {
  if (!isObject(response) || by === undefined || response['by'] !== by) return false
  const { totals, rows, buckets } = response
  return totals === undefined && isRows(rows, by) && Array.isArray(buckets)
}

const totalsFields: readonly (keyof MetricsTotals)[] = [
  'events',
  'pageViews',
  'visitors',
  'sessions',
  'bounces',
  'bounceRate',
  'botEvents',
]

function isTotals(value: unknown): value is Record<string, unknown> {
  return isObject(value) && totalsFields.every(field => isNumber(value[field]))
}

function isRange(value: unknown): boolean {
  return isTimeRange(value) && 'totals' in value && isTotals(value.totals)
}

function isTimeRange(value: unknown): value is MissingRange {
  return isObject(value) && isNumber(value['from']) && isNumber(value['to'])
}

function isRows(value: unknown, by: BreakdownDimension): boolean {
  const [nameField, countField] = [nameFieldOf(by), countFieldOf(by)]
  return isListOf(
    value,
    (row): row is object =>
      isObject(row) && typeof row[nameField] === 'string' && isNumber(row[countField]),
  )
}
