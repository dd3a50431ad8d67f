import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { makeDirectory } from '../../packages/server/src/testing/directory.ts'
import { run } from '../../scripts/run.ts'

/** What GoAccess counts under one name. */
export interface Row {
  hits: number
  visitors: number
}

export interface GoAccessReport {
  /** Lines that are not empty. */
  lines: number
  /** Lines that are none of an access log. */
  failedLines: number
  /** By `2015-05-17`. */
  days: Map<string, Row>
  /** By method and path, with the query unless that is left out: all that is no asset and not answered with 404. */
  pages: Map<string, Row>
  /** Requests by status. */
  statuses: Map<number, number>
}

/** As much of its JSON as is read. */
interface Panel {
  data: {
    data: string
    method?: string
    hits: { count: number }
    visitors: { count: number }
    items?: Panel['data']
  }[]
}
interface Written {
  general: { total_requests: number; failed_requests: number }
  visitors: Panel
  requests: Panel
  status_codes: Panel
}

/**
 * Options by which it counts what a page view of a person is here, as far as it has any. It takes posts for
 * page views and curl for a person's; of the latter it can be told.
 */
export async function countingAsWe(): Promise<string[]> {
  const bots = join(makeDirectory(), 'bots.list')
  await writeFile(bots, 'curl\tCrawlers\n')
  const statuses = [206, 301, 403, 404, 500]
  return [
    ...['--no-query-string', '--ignore-statics=panel'],
    ...['--ignore-crawlers', `--browsers-file=${bots}`],
    ...statuses.map(status => `--ignore-status=${status}`),
  ]
}

/** The same moments as days of a place, `zone` as POSIX writes it, so that the machine need not know the place. */
export const inZone = (zone: string): string[] => [
  '--log-format=%h %^[%x] "%r" %s %b "%R" "%u"',
  '--datetime-format=%d/%b/%Y:%H:%M:%S %z',
  `--tz=${zone}`,
]

/** What it says of a log in Combined Log Format, whatever it is told on this machine, and however many rows that has. */
export async function runGoAccess(
  program: string,
  file: string,
  options: readonly string[] = [],
): Promise<GoAccessReport> {
  const report = join(makeDirectory(), 'report.json')
  const isFormatGiven = options.some(option => option.startsWith('--log-format='))
  const { code, output } = await run([
    ...[program, file, '-o', report, '--no-global-config', '--no-progress'],
    ...['--max-items=1000000', '--http-protocol=no'],
    ...(isFormatGiven ? [] : ['--log-format=COMBINED']),
    ...options,
  ])
  if (code !== 0) throw new Error(`${program} ended with ${code}: ${output}`)
  const written: Written = JSON.parse(await readFile(report, 'utf8'))
  const { general, visitors, requests, status_codes } = written
  const statuses = status_codes.data.flatMap(({ items = [] }) => items)
  return {
    lines: general.total_requests,
    failedLines: general.failed_requests,
    days: toRows(visitors, ({ data }) => data.replace(/(....)(..)(..)/, '$1-$2-$3')),
    pages: toRows(requests, ({ method = '', data }) => `${method} ${data}`),
    statuses: new Map(statuses.map(({ data, hits }) => [Number(data.slice(0, 3)), hits.count])),
  }
}

function toRows({ data }: Panel, nameOf: (row: Panel['data'][number]) => string): Map<string, Row> {
  return new Map(
    data.map(row => [nameOf(row), { hits: row.hits.count, visitors: row.visitors.count }]),
  )
}
