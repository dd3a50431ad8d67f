import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type MetricsAnswer, createTidemark } from '@tidemark/server'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { makeDirectory } from '../../packages/server/src/testing/directory.ts'
import { installTimeoutMs, requireProgram, missingProgramReason } from '../../scripts/program.ts'
import { run } from '../../scripts/run.ts'
import { type Row, inZone, countingAsWe, runGoAccess } from './goaccess.ts'
import { createHistoryLog } from './history-log.ts'
import { hasRealLog, noRealLog, readRealViews, realLog } from './real-log.ts'

/** An import beside GoAccess, which reads the same file. What it defines otherwise is in docs/import.md. */

const cli = fileURLToPath(new URL('../../packages/server/src/cli.ts', import.meta.url))

let goaccess = ''
beforeAll(async () => {
  goaccess = (await requireProgram('goaccess')) ?? ''
}, installTimeoutMs)
beforeEach(({ skip }) => skip(goaccess === '', missingProgramReason('goaccess')))

/** The summary of an import, and what a server then says of days and paths, in GoAccess's form. */
interface Imported {
  result: Record<string, number>
  days: Map<string, Row>
  pages: Map<string, Row>
}

async function importLog(file: string, month: string, timeZone = 'UTC'): Promise<Imported> {
  const dataDir = makeDirectory()
  const words = ['import', file, '--site', 'demo', '--data', dataDir, '--json']
  const ended = await run([process.execPath, cli, ...words, '--time-zone', timeZone])
  const tidemark = createTidemark({ storage: { dataDir }, history: { timeZone } })
  // A day before and one after, wherever days begin.
  const [from, to] = [-1, 32].map(days => Date.parse(month) + days * 86_400_000)
  const url = `http://localhost/api/sites/demo/metrics?granularity=day&by=path&from=${from}&to=${to}`
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
  return { result: JSON.parse(ended.stdout), days, pages }
}

const sum = (numbers: Iterable<number>): number => [...numbers].reduce((all, each) => all + each, 0)

const hitsOf = (rows: Map<string, Row>): Map<string, number> =>
  new Map([...rows].map(([name, { hits }]) => [name, hits]))

/** The same page views by day and by path, and the same visitors of each day. */
function expectSame(ours: Imported, theirs: Pick<Imported, 'days' | 'pages'>): void {
  expect(hitsOf(ours.days)).toEqual(hitsOf(theirs.days))
  expect(hitsOf(ours.pages)).toEqual(hitsOf(theirs.pages))
  for (const [day, { visitors }] of theirs.days) {
    const ourVisitors = ours.days.get(day)?.visitors ?? 0
    // More than that a sketch tells within 0.8 %, and this is four times that.
    if (visitors <= 256) expect([day, ourVisitors]).toEqual([day, visitors])
    else expect(Math.abs(ourVisitors / visitors - 1)).toBeLessThan(0.033)
  }
  expectVisitorsOfPaths(ours.pages, theirs.pages)
}

/**
 * GoAccess numbers visitors and paths from 1, and takes the visitor 3 of the path 5 and the visitor 5 of the
 * path 3 for the same (`u64encode` in its source). So of what comes first in a log it misses a few.
 */
function expectVisitorsOfPaths(ours: Map<string, Row>, theirs: Map<string, Row>): void {
  const missing = [...ours].map(([name, row]) => row.visitors - (theirs.get(name)?.visitors ?? 0))
  expect(Math.min(...missing)).toBe(0)
  expect(sum(missing)).toBeLessThan(0.01 * sum([...ours.values()].map(({ visitors }) => visitors)))
}

const line = (host: string, request: string, rest: string): string =>
  `${host} - - [17/Mar/2024:10:05:03 +0000] "${request} HTTP/1.1" ${rest}\n`

const agent = 'Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0'

describe('beside GoAccess, a log of twenty days', () => {
  const { lines } = createHistoryLog(6000, Date.UTC(2024, 2, 2), Date.UTC(2024, 2, 22))
  const failed = ['GET /denied', 'GET /broken', 'POST /broken'].map((request, index) =>
    line('192.0.2.1', request, `${[403, 500, 503][index]} 10 "-" "${agent}"`),
  )
  const others = [
    line('192.0.2.1', 'GET /old', `301 10 "-" "${agent}"`),
    line('192.0.2.1', 'GET /part', `206 10 "-" "${agent}"`),
    'no line of a log\n',
  ]
  const all = [...lines, ...failed, ...others]

  it('has as many requests, failed ones, redirects and lines that are none', async () => {
    const file = join(makeDirectory(), 'access.log')
    await writeFile(file, all.join(''))
    const { result: ours } = await importLog(file, '2024-03-01')
    const theirs = await runGoAccess(goaccess, file)
    const of = (isCounted: (status: number) => boolean): number =>
      sum([...theirs.statuses].map(([status, hits]) => (isCounted(status) ? hits : 0)))
    expect(ours).toMatchObject({
      lines: theirs.lines + 1,
      blankLines: 1,
      unparsedLines: theirs.failedLines,
      failedRequests: of(status => status >= 400),
      redirects: of(status => status === 301),
    })
    expect([ours['unparsedLines'], ours['redirects']]).toEqual([1, 1])
    expect(ours['failedRequests']).toBeGreaterThan(600)
  })

  it.each([
    { timeZone: 'UTC', posixZone: 'UTC0', days: 20 },
    { timeZone: 'Asia/Kathmandu', posixZone: 'NPT-5:45', days: 21 },
  ])(
    'has the same page views of people by day and path, and the same visitors, in $timeZone',
    async ({ timeZone, posixZone, days }) => {
      const file = join(makeDirectory(), 'access.log')
      await writeFile(file, all.filter(each => !each.includes('"POST ')).join(''))
      const ours = await importLog(file, '2024-03-01', timeZone)
      const options = [...(await countingAsWe()), ...inZone(posixZone)]
      expectSame(ours, await runGoAccess(goaccess, file, options))
      expect([ours.days.size, ours.pages.size]).toEqual([days, 7])
    },
  )
})

describe("beside GoAccess, a real server's log", () => {
  beforeEach(({ skip }) => skip(!hasRealLog, noRealLog))

  it('has as many requests and failed ones', async () => {
    const { result: ours } = await importLog(realLog, '2015-05-01')
    const theirs = await runGoAccess(goaccess, realLog)
    const failedRequests = sum(
      [...theirs.statuses].map(([status, hits]) => (status < 400 ? 0 : hits)),
    )
    expect(ours).toMatchObject({ lines: theirs.lines, failedRequests })
    // A line that is cut in its agent is one for GoAccess.
    expect([ours['unparsedLines'], theirs.failedLines]).toEqual([1, 0])
  })

  it('has the same page views of people by day and path, and the same visitors', async () => {
    const people = (await readRealViews()).filter(({ isBot }) => !isBot)
    const file = join(makeDirectory(), 'access.log')
    await writeFile(file, people.map(view => `${view.line}\n`).join(''), 'latin1')
    const ours = await importLog(file, '2015-05-01')
    expectSame(ours, await runGoAccess(goaccess, file, ['--no-query-string']))
    expect([ours.days.size, sum(hitsOf(ours.days).values())]).toEqual([4, people.length])
  })
})

it('counts otherwise than GoAccess what docs/import.md says', async () => {
  const requests: [request: string, status: number, agent?: string][] = [
    ['GET /page', 200],
    ['GET /page?q=1', 304],
    ['POST /posted', 200],
    ['HEAD /looked-at', 200],
    ['GET /feed/', 200],
    ['GET /photo.webp', 200],
    ['GET /part', 206],
    ['GET /moved', 301],
    ['GET /denied', 403],
    [
      'GET /by-crawler',
      200,
      'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)',
    ],
    ['GET /by-curl', 200, 'curl/8.5.0'],
  ]
  const lines = requests.map(([request, status, by = agent], index) =>
    line(`192.0.2.${index}`, request, `${status} 10 "-" "${by}"`),
  )
  const cut = line('192.0.2.100', 'GET /cut', `200 10 "-" "Mozilla/5.0 (X11`)
  const byName = line('host.example', 'GET /by-name', `200 10 "-" "${agent}"`)
  const file = join(makeDirectory(), 'access.log')
  await writeFile(file, [...lines, cut, byName].join(''))
  const ours = await importLog(file, '2024-03-01')
  const theirs = await runGoAccess(goaccess, file)
  const names = [...requests.map(([request]) => request), 'GET /cut']
  expect([...theirs.pages.keys()].toSorted()).toEqual(names.toSorted())
  // But for the one that was denied and the one without an address.
  expect(theirs.days).toEqual(new Map([['2024-03-17', { hits: 12, visitors: 11 }]]))
  expect(theirs.failedLines).toBe(1)
  expect(hitsOf(ours.pages)).toEqual(new Map(Object.entries({ 'GET /page': 2, 'GET /by-name': 1 })))
  expect(ours.days).toEqual(new Map([['2024-03-17', { hits: 3, visitors: 3 }]]))
  expect(ours.result).toMatchObject({ unparsedLines: 1, botViews: 2 })
})
