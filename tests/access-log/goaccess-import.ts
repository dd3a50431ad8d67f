import { fileURLToPath } from 'node:url'
import { type MetricsAnswer, createTidemark } from '@tidemark/server'
import { expect } from 'vitest'
import { makeDirectory } from '../../packages/server/src/testing/directory.ts'
import { run } from '../../scripts/run.ts'
import type { Row } from './goaccess.ts'

const cli = fileURLToPath(new URL('../../packages/server/src/cli.ts', import.meta.url))

/** Summary of an import, and its days and pages in GoAccess's form. */
export interface Imported {
  result: Record<string, number>
  days: Map<string, Row>
  pages: Map<string, Row>
}

/** Imports a log, and returns the summary and the history of a month. */
export async function importLog(
  file: string,
  month: string,
  timeZone = 'UTC',
  options: readonly string[] = [],
): Promise<Imported> {
  const dataDir = makeDirectory()
  const words = ['import', file, '--site', 'demo', '--data', dataDir, '--json', ...options]
  const { stdout } = await run([process.execPath, cli, ...words, '--time-zone', timeZone])
  const tidemark = createTidemark({ storage: { dataDir }, history: { timeZone } })
  // One day before and one after the month, for all time zones.
  const [from, to] = [-1, 32].map(days => Date.parse(month) + days * 86_400_000)
  const url = `http://localhost/api/sites/demo/metrics?granularity=day&by=path&bucketLimit=1000&from=${from}&to=${to}`
  const answer = await tidemark.fetch(new Request(url))
  const { buckets }: MetricsAnswer = JSON.parse(await answer.text())
  await tidemark.close()
  const days: Imported['days'] = new Map()
  const pages: Imported['pages'] = new Map()
  const { format } = new Intl.DateTimeFormat('sv-SE', { timeZone })
  for (const { at, pageViews, visitors, rows = [] } of buckets) {
    if (pageViews > 0) days.set(format(at), { hits: pageViews, visitors })
    for (const row of rows) {
      if (!('path' in row)) throw new Error('A row has no path.')
      const name = `GET ${decodeURI(row.path)}`
      const { hits, visitors: before } = pages.get(name) ?? { hits: 0, visitors: 0 }
      pages.set(name, { hits: hits + row.pageViews, visitors: before + row.visitors })
    }
  }
  return { result: JSON.parse(stdout), days, pages }
}

export const sum = (numbers: Iterable<number>): number =>
  [...numbers].reduce((total, each) => total + each, 0)

export const hitsOf = (rows: Map<string, Row>): Map<string, number> =>
  new Map([...rows].map(([name, { hits }]) => [name, hits]))

/** Expects the same page views by day and path, and the same visitors by day. */
export function expectSame(ours: Imported, theirs: Pick<Imported, 'days' | 'pages'>): void {
  expect(hitsOf(ours.days)).toEqual(hitsOf(theirs.days))
  expect(hitsOf(ours.pages)).toEqual(hitsOf(theirs.pages))
  for (const [day, { visitors }] of theirs.days) {
    const ourVisitors = ours.days.get(day)?.visitors ?? 0
    // Above 256, the count is an estimate with a standard error of 0.8 %; the limit is four times that.
    if (visitors <= 256) expect([day, ourVisitors]).toEqual([day, visitors])
    else expect(Math.abs(ourVisitors / visitors - 1)).toBeLessThan(0.033)
  }
  expectVisitorsOfPaths(ours.pages, theirs.pages)
}

/**
 * GoAccess numbers visitors and paths from 1, and treats visitor 3 of path 5 like visitor 5 of path 3 (`u64encode` in
 * its source). So it misses a few visitors of the first paths of a log.
 */
function expectVisitorsOfPaths(ours: Map<string, Row>, theirs: Map<string, Row>): void {
  const missing = [...ours].map(([name, row]) => row.visitors - (theirs.get(name)?.visitors ?? 0))
  expect(Math.min(...missing)).toBe(0)
  expect(sum(missing)).toBeLessThan(0.01 * sum([...ours.values()].map(({ visitors }) => visitors)))
}
