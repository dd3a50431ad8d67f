import { rowPrecision } from '../rollup/bucket/breakdown.ts'
import { type Totals, createTotals, mergeTotals } from '../rollup/bucket/totals.ts'
import type { CooperativeTask } from '../shared/cooperative-task.ts'
import { readBucketRows, readRangeRows } from './answer-rows.ts'
import type { AnswerWriter } from './answer-writer.ts'
import { type Granularity, endOfBucket } from './granularity.ts'
import { missingRanges } from './missing-ranges.ts'
import type { History } from './metrics-answer.ts'
import type { AnswerView, MetricsQuery } from './metrics-query.ts'
import { type MetricsRow, type MetricsTotals, toDetailedTotals, toMetricsTotals } from './rows.ts'

/**
 * Reads the answer to a query and writes it as JSON, a bucket per step. Each bucket shows one moment; an event that
 * arrives meanwhile is in the buckets that are read later.
 */
export function* writeAnswer(
  history: History,
  query: MetricsQuery,
  now: number,
  writer: AnswerWriter,
): CooperativeTask<void> {
  const { from, to, granularity, by, previous, view } = query
  writer.text(`{"from":${from},"to":${to},"granularity":"${granularity}",`)
  if (by) writer.text(`"by":"${by}",`)
  writer.text('"buckets":[')
  let separator = ''
  const sum = yield* sumBuckets(history, query, function* (at, end, totals) {
    const bucket = {
      at,
      ...(view.hasTotals && toVisibleTotals(totals, view, hasPeople(granularity))),
    }
    const rows = yield* readBucketRows(history, query, { from: at, to: end }, now)
    writer.text(separator)
    writer.json({ ...bucket, ...rows })
    separator = ','
  })
  writer.text(']')
  if (view.hasTotals) {
    writer.text(',"totals":')
    writer.json(toVisibleTotals(sum, view, granularity !== 'second'))
  }
  if (by) yield* writeRows(writer, yield* readRangeRows(history, query, by, now))
  if (previous && view.hasTotals) {
    const sumOfPrevious = yield* sumBuckets(history, previous)
    const totals = toVisibleTotals(sumOfPrevious, view, previous.granularity !== 'second')
    writer.text(',"previous":')
    writer.json({ from: previous.from, to: previous.to, totals })
  }
  const missing = missingRanges(history, query)
  if (missing.length > 0) {
    writer.text(',"missing":')
    writer.json(missing)
  }
  writer.text('}')
}

/**
 * Returns whether buckets have the figures of people. An answer may have thousands of minutes, and they are mostly read
 * for a chart.
 */
export function hasPeople(granularity: Granularity): boolean {
  return granularity === 'hour' || granularity === 'day'
}

/**
 * Returns totals, all of them 0 with fewer visitors than the view shows.
 * @param isDetailed whether they have the figures of people
 */
export function toVisibleTotals(
  totals: Totals,
  { minCount }: AnswerView,
  isDetailed: boolean,
): MetricsTotals {
  const isHidden = minCount > 1 && totals.visitors.count() < minCount
  const visible = isHidden ? createTotals() : totals
  return isDetailed ? toDetailedTotals(visible) : toMetricsTotals(visible)
}

/** Writes the rows of the range, a row per step: a name may be long. */
function* writeRows(writer: AnswerWriter, rows: readonly MetricsRow[]): CooperativeTask<void> {
  writer.text(',"rows":[')
  for (const [index, row] of rows.entries()) {
    if (index > 0) writer.text(',')
    writer.json(row)
    yield
  }
  writer.text(']')
}

/**
 * Returns the totals of a range.
 * @param visit called for each bucket, also an empty one
 */
export function* sumBuckets(
  history: History,
  { from, to, granularity }: Pick<MetricsQuery, 'from' | 'to' | 'granularity'>,
  visit?: (start: number, end: number, totals: Totals) => CooperativeTask<void>,
): CooperativeTask<Totals> {
  const { tiers, seconds, zone } = history
  const isSeconds = granularity === 'second'
  const sum = isSeconds ? createTotals(rowPrecision) : createTotals()
  const none = createTotals()
  const bySecond = new Map(
    isSeconds ? seconds.range(from, to).map(({ at, totals }) => [at, totals]) : [],
  )
  for (let at = from; at < to;) {
    const end = endOfBucket(granularity, at, zone)
    const totals = isSeconds ? bySecond.get(at) : tiers.totals(granularity, at, end)[0]?.totals
    if (totals) mergeTotals(sum, totals)
    if (visit) yield* visit(at, end, totals ?? none)
    yield
    at = end
  }
  return sum
}
