import { createBreakdown } from '../rollup/bucket/breakdown.ts'
import { createTotals } from '../rollup/bucket/totals.ts'
import { createValues } from '../rollup/bucket/values.ts'
import type { CooperativeTask } from '../shared/cooperative-task.ts'
import { readBucketRows, readRangeRows } from './answer-rows.ts'
import type { AnswerWriter } from './answer-writer.ts'
import { formatCsvHeader, formatCsvLine } from './csv.ts'
import { endOfBucket } from './granularity.ts'
import type { History } from './metrics-answer.ts'
import type { BreakdownDimension, MetricsQuery } from './metrics-query.ts'
import { toMetricsRow, toDetailedTotals, toMetricsTotals, toValueRows } from './rows.ts'
import { hasPeople, sumBuckets, toVisibleTotals } from './write-answer.ts'

/** Formats of an export: one line for each row. */
export const exportFormats = ['csv', 'ndjson'] as const
export type ExportFormat = (typeof exportFormats)[number]

/**
 * Writes the rows of an answer as lines, a bucket or row per step: the totals of each bucket; with `by`, the rows of the
 * range; with rows in the buckets, those of each bucket.
 */
export function* writeExport(
  history: History,
  query: MetricsQuery,
  format: ExportFormat,
  now: number,
  writer: Pick<AnswerWriter, 'text'>,
): CooperativeTask<void> {
  const { by, bucketRows, granularity, to } = query
  const isSeries = !by || bucketRows !== undefined
  const columns = [...(isSeries ? ['at'] : []), ...columnsOf(by, hasPeople(granularity))]
  const write = createLineWriter(format, columns, writer)
  if (by && !isSeries) {
    for (const row of yield* readRangeRows(history, query, by, now)) {
      write(row)
      yield
    }
    return
  }
  if (!by) {
    yield* sumBuckets(history, query, function* (at, _end, totals) {
      write({ at, ...toVisibleTotals(totals, query.view, hasPeople(granularity)) })
      yield
    })
    return
  }
  for (let at = query.from; at < to;) {
    const end = endOfBucket(granularity, at, history.zone)
    const { row, rows = row ? [row] : [] } = yield* readBucketRows(
      history,
      query,
      { from: at, to: end },
      now,
    )
    for (const each of rows) write({ at, ...each })
    yield
    at = end
  }
}

/** Returns the name of the file, of letters, digits and `. _ -`. */
export function exportName(
  site: string,
  { from, to, granularity, by }: MetricsQuery,
  format: ExportFormat,
): string {
  const day = (at: number): string => new Date(at).toISOString().slice(0, 10)
  const report = by ?? 'totals'
  return `${site}-${report}-${granularity}-${day(from)}-${day(to - 1)}.${format}`
}

/** Columns of properties; the summary is empty without values. */
const propertyColumns: string[] = [
  ...['property', 'events', 'visitors', 'rest', 'count', 'sum', 'mean', 'min', 'max', 'last'],
  ...['p50', 'p75', 'p90', 'p95', 'p99'],
]

function createLineWriter(
  format: ExportFormat,
  columns: readonly string[],
  writer: Pick<AnswerWriter, 'text'>,
): (row: object) => void {
  if (format === 'ndjson') return row => writer.text(`${JSON.stringify(row)}\n`)
  writer.text(formatCsvHeader(columns))
  return row => {
    const at = 'at' in row && typeof row.at === 'number' ? row.at : undefined
    const time = at !== undefined && { at: new Date(at).toISOString() }
    writer.text(formatCsvLine(columns, { ...row, ...time }))
  }
}

/** Returns the names of the members that the rows of an answer may have. */
function columnsOf(by: BreakdownDimension | undefined, isDetailed: boolean): string[] {
  if (!by) {
    const toRow = isDetailed ? toDetailedTotals : toMetricsTotals
    return Object.keys(toRow(createTotals()))
  }
  if (by === 'property') return propertyColumns
  if (by !== 'value') {
    return [...Object.keys(toMetricsRow(by, createBreakdown(1), '') ?? {}), 'rest']
  }
  const values = createValues(1)
  values.add('', 0, 0)
  return Object.keys(toValueRows(values, 1)[0] ?? {})
}
