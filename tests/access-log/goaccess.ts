import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { makeDirectory } from '../../packages/server/src/testing/directory.ts'
import { run } from '../../scripts/run.ts'

/** Counts of GoAccess for one day or page. */
export interface Row {
  hits: number
  visitors: number
}

export interface GoAccessReport {
  /** Lines that are not empty. */
  lines: number
  /** Lines that do not parse. */
  failedLines: number
  /** Rows by date, in the form `2015-05-17`. */
  days: Map<string, Row>
  /** Rows by method and path, with the query unless it is disabled: requests that are not an asset and not a 404. */
  pages: Map<string, Row>
  /** Requests by status. */
  statuses: Map<number, number>
}

/** Fields of GoAccess's JSON that are used here. */
interface Panel {
  data: {
    data: string
    method?: string
    hits: { count: number }
    visitors: { count: number }
    items?: Panel['data']
  }[]
}
interface JsonReport {
  general: { total_requests: number; failed_requests: number }
  visitors: Panel
  requests: Panel
  status_codes: Panel
}

/**
 * Returns options with which GoAccess counts page views of people as Tidemark does. It has an option for curl, which it
 * counts as a person by default, but none for POST requests, which it counts as page views.
 */
export async function optionsLikeTidemark(): Promise<string[]> {
  const bots = join(makeDirectory(), 'bots.list')
  await writeFile(bots, 'curl\tCrawlers\n')
  const statuses = [206, 301, 403, 404, 500]
  return [
    ...['--no-query-string', '--ignore-statics=panel'],
    ...['--ignore-crawlers', `--browsers-file=${bots}`],
    ...statuses.map(status => `--ignore-status=${status}`),
  ]
}

/** Returns options for days in a time zone. `zone` is in POSIX form, so the machine needs no time zone database. */
export const inZone = (zone: string): string[] => [
  '--log-format=%h %^[%x] "%r" %s %b "%R" "%u"',
  '--datetime-format=%d/%b/%Y:%H:%M:%S %z',
  `--tz=${zone}`,
]

/** Runs GoAccess on a log in Combined Log Format, without the machine's configuration and without a limit of rows. */
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
  if (code !== 0) throw new Error(`${program} exited with ${code}: ${output}`)
  const json: JsonReport = JSON.parse(await readFile(report, 'utf8'))
  const { general, visitors, requests, status_codes } = json
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
