import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { makeDirectory } from '../../packages/server/src/testing/directory.ts'
import { installTimeoutMs, requireProgram, missingProgramReason } from '../../scripts/program.ts'
import { expectSame, hitsOf, importLog, sum } from './goaccess-import.ts'
import { inZone, optionsLikeTidemark, runGoAccess } from './goaccess.ts'
import { createHistoryLog } from './history-log.ts'
import { hasRealLog, noRealLog, readRealViews, realLog } from './real-log.ts'

/** Compares an import with GoAccess on the same file. docs/import-and-replay.md lists the differences. */

let goaccess = ''
beforeAll(async () => {
  goaccess = (await requireProgram('goaccess')) ?? ''
}, installTimeoutMs)
beforeEach(({ skip }) => skip(goaccess === '', missingProgramReason('goaccess')))

const line = (host: string, request: string, rest: string): string =>
  `${host} - - [17/Mar/2024:10:05:03 +0000] "${request} HTTP/1.1" ${rest}\n`

const agent = 'Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0'

describe('tidemark import and GoAccess: a log of twenty days', () => {
  const { lines } = createHistoryLog(6000, Date.UTC(2024, 2, 2), Date.UTC(2024, 2, 22))
  const failed = ['GET /denied', 'GET /broken', 'POST /broken'].map((request, index) =>
    line('192.0.2.1', request, `${[403, 500, 503][index]} 10 "-" "${agent}"`),
  )
  const others = [
    line('192.0.2.1', 'GET /old', `301 10 "-" "${agent}"`),
    line('192.0.2.1', 'GET /part', `206 10 "-" "${agent}"`),
    'not a log line\n',
  ]
  const all = [...lines, ...failed, ...others]

  it('count the same requests, failed requests, redirects and invalid lines', async () => {
    const file = join(makeDirectory(), 'access.log')
    await writeFile(file, all.join(''))
    const { result: ours } = await importLog(file, '2024-03-01')
    const theirs = await runGoAccess(goaccess, file)
    const hitsWith = (isCounted: (status: number) => boolean): number =>
      sum([...theirs.statuses].map(([status, hits]) => (isCounted(status) ? hits : 0)))
    expect(ours).toMatchObject({
      lines: theirs.lines + 1,
      blankLines: 1,
      unparsedLines: theirs.failedLines,
      failedRequests: hitsWith(status => status >= 400),
      redirects: hitsWith(status => status === 301),
    })
    expect([ours['unparsedLines'], ours['redirects']]).toEqual([1, 1])
    expect(ours['failedRequests']).toBeGreaterThan(600)
  })

  it.each([
    { timeZone: 'UTC', posixZone: 'UTC0', days: 20 },
    { timeZone: 'Asia/Kathmandu', posixZone: 'NPT-5:45', days: 21 },
  ])(
    'count the same page views of people by day and path, and the same visitors, in $timeZone',
    async ({ timeZone, posixZone, days }) => {
      const file = join(makeDirectory(), 'access.log')
      await writeFile(file, all.filter(each => !each.includes('"POST ')).join(''))
      const ours = await importLog(file, '2024-03-01', timeZone)
      const options = [...(await optionsLikeTidemark()), ...inZone(posixZone)]
      expectSame(ours, await runGoAccess(goaccess, file, options))
      expect([ours.days.size, ours.pages.size]).toEqual([days, 7])
    },
  )
})

describe("tidemark import and GoAccess: a real server's log", () => {
  beforeEach(({ skip }) => skip(!hasRealLog, noRealLog))

  it('count the same requests and failed requests', async () => {
    const { result: ours } = await importLog(realLog, '2015-05-01')
    const theirs = await runGoAccess(goaccess, realLog)
    const failedRequests = sum(
      [...theirs.statuses].map(([status, hits]) => (status < 400 ? 0 : hits)),
    )
    expect(ours).toMatchObject({ lines: theirs.lines, failedRequests })
    // GoAccess accepts a line that is truncated in its user agent.
    expect([ours['unparsedLines'], theirs.failedLines]).toEqual([1, 0])
  })

  it('count the same page views of people by day and path, and the same visitors', async () => {
    const people = (await readRealViews()).filter(({ isBot }) => !isBot)
    const file = join(makeDirectory(), 'access.log')
    await writeFile(file, people.map(view => `${view.line}\n`).join(''), 'latin1')
    const ours = await importLog(file, '2015-05-01')
    expectSame(ours, await runGoAccess(goaccess, file, ['--no-query-string']))
    expect([ours.days.size, sum(hitsOf(ours.days).values())]).toEqual([4, people.length])
  })
})

it('tidemark import and GoAccess: differ as docs/import-and-replay.md describes', async () => {
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
  const lines = requests.map(([request, status, userAgent = agent], index) =>
    line(`192.0.2.${index}`, request, `${status} 10 "-" "${userAgent}"`),
  )
  const truncated = line('192.0.2.100', 'GET /cut', `200 10 "-" "Mozilla/5.0 (X11`)
  const clients = ['host.example', '192.0.2.101:4711', '-', '::ffff:192.0.2.0'].map(
    (client, index) => line(client, `GET /by/${index}`, `200 10 "-" "${agent}"`),
  )
  const file = join(makeDirectory(), 'access.log')
  await writeFile(file, [...lines, truncated, ...clients].join(''))
  const ours = await importLog(file, '2024-03-01')
  const theirs = await runGoAccess(goaccess, file)
  const names = [...requests.map(([request]) => request), 'GET /cut', 'GET /by/3']
  expect([...theirs.pages.keys()].toSorted()).toEqual(names.toSorted())
  // GoAccess omits the denied request and the two requests without a plain IP address as client.
  expect(theirs.days).toEqual(new Map([['2024-03-17', { hits: 13, visitors: 12 }]]))
  expect(theirs.failedLines).toBe(3)
  expect(sum(hitsOf(ours.pages).values())).toBe(6)
  // The mapped address is the client of the first page view.
  expect(ours.days).toEqual(new Map([['2024-03-17', { hits: 6, visitors: 5 }]]))
  expect(ours.result).toMatchObject({ unparsedLines: 1, botViews: 2, viewsWithoutClient: 1 })
})
