import { createBreakdown } from '../rollup/bucket/breakdown.ts'
import { createTotals } from '../rollup/bucket/totals.ts'
import { createValues } from '../rollup/bucket/values.ts'
import type { TimeZone } from '../rollup/history/time-zone.ts'
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
  const times = isSeries ? ['at', 'date'] : []
  const columns = [...times, ...columnsOf(by, hasPeople(granularity))]
  const write = createLineWriter(format, columns, history.zone, writer)
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

/** Longest text of a query in the name of a file, in characters. */
const maxNameLength = 40

/**
 * Returns the name of the file, of letters, digits and `. _ -`: the site, the dimension, the selected names, the
 * granularity, and the first and last day in the time zone of the server.
 */
export function exportName(
  site: string,
  query: MetricsQuery,
  format: ExportFormat,
  zone: TimeZone,
): string {
  const { from, to, granularity, by, referrer, properties, bucketRows } = query
  const row = bucketRows?.kind === 'one' ? bucketRows.name : undefined
  const selected = [referrer, properties.name, properties.property, row]
    .filter(name => name !== undefined)
    .map(name => name.replaceAll(/[^\w.-]+/g, '_').slice(0, maxNameLength))
  const days = [formatDay(from, zone), formatDay(to - 1, zone)]
  return `${[site, by ?? 'totals', ...selected, granularity, ...days].join('-')}.${format}`
}

const dayMs = 24 * 60 * 60 * 1000

/** Formats the local day of a time as `2026-11-28`. */
function formatDay(at: number, zone: TimeZone): string {
  return new Date(zone.dateOf(at) * dayMs).toISOString().slice(0, 10)
}

function createLineWriter(
  format: ExportFormat,
  columns: readonly string[],
  zone: TimeZone,
  writer: Pick<AnswerWriter, 'text'>,
): (row: object) => void {
  if (format === 'ndjson') return row => writer.text(`${JSON.stringify(row)}\n`)
  writer.text(formatCsvHeader(columns))
  return row => {
    const at = 'at' in row && typeof row.at === 'number' ? row.at : undefined
    const time = at !== undefined && { at: new Date(at).toISOString(), date: formatDay(at, zone) }
    writer.text(formatCsvLine(columns, { ...row, ...time }))
  }
}

/** Returns the names of the members that the rows of an answer may have: names, numbers, summary of values, `rest`. */
function columnsOf(by: BreakdownDimension | undefined, isDetailed: boolean): string[] {
  if (!by) {
    const toRow = isDetailed ? toDetailedTotals : toMetricsTotals
    return Object.keys(toRow(createTotals()))
  }
  // The summary is empty for a property without values.
  if (by === 'property') return ['property', 'events', 'visitors', ...summaryColumns(), 'rest']
  if (by !== 'value') {
    return [...Object.keys(toMetricsRow(by, createBreakdown(1), '') ?? {}), 'rest']
  }
  return ['name', ...summaryColumns(), 'rate']
}

/** Returns the columns of a summary of values. */
function summaryColumns(): string[] {
  const values = createValues(1)
  values.add('', 0, 0)
  const columns = Object.keys(toValueRows(values, 1)[0] ?? {})
  return columns.filter(column => column !== 'name' && column !== 'rate')
}
