import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { expect, it } from 'vitest'
import { makeDirectory } from '../testing/directory.ts'
import { createTestServer } from '../testing/server.ts'
import { runCli } from './program.ts'

const agent = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'
const line = (path: string, referrer: string, userAgent = agent): string =>
  `192.0.2.7 - - [17/May/2015:10:05:03 +0000] "GET ${path} HTTP/1.1" 200 1 "${referrer}" "${userAgent}"\n`

const sites = [
  {
    id: 'shop',
    pages: { trailingSlash: 'remove', letterCase: 'lower' },
    hostNames: ['shop.example', 'blog.example'],
    exclude: { addresses: ['203.0.113.0/24'] },
  },
] as const

/** Returns a data directory on which a server with these sites was. */
async function makeDataDirectory(): Promise<string> {
  const dataDir = makeDirectory()
  const { tidemark } = createTestServer({ sites, storage: { dataDir } })
  await tidemark.ready
  await tidemark.close()
  return dataDir
}

/** Imports a log into the site. */
async function importLines(
  lines: readonly string[],
  dataDir: string,
  words: readonly string[] = [],
): Promise<{ code: number; out: string; err: string }> {
  const file = join(makeDirectory(), 'access.log')
  writeFileSync(file, lines.join(''))
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()]
  const { signal } = new AbortController()
  const code = await runCli(['import', file, '--site', 'shop', '--data', dataDir, ...words], {
    ...{ command: 'tidemark', stdin, stdout, stderr, signal },
  })
  return { code, out: String(stdout.read() ?? ''), err: String(stderr.read() ?? '') }
}

interface Answer {
  rows: unknown
  totals: unknown
}

/** Returns a function that asks for the figures of the log's day. */
function openHistory(dataDir: string): (by: string) => Promise<Answer> {
  // The clock of the test is behind the import.
  const { ask } = createTestServer({ sites, storage: { dataDir }, onError: () => {} })
  return async by => {
    const answer = await ask(
      `/api/sites/shop/metrics?granularity=day&from=2015-05-17&to=2015-05-18&by=${by}`,
    )
    return (await answer.json()) as Answer
  }
}

it('tidemark import: counts by the pages and hosts of the site on the last server', async () => {
  const dataDir = await makeDataDirectory()
  const log = [
    line('/docs', 'https://t.co/abc?x=SECRET'),
    line('/Docs/', 'https://blog.example/post'),
    line('/caf%c3%a9/', 'android-app://com.google.android.gm/'),
  ]
  const { code } = await importLines(log, dataDir, ['--origin', 'https://shop.example'])
  expect(code).toBe(0)
  const history = openHistory(dataDir)
  const rowsBy = async (by: string): Promise<unknown> => (await history(by)).rows
  expect(await rowsBy('path')).toEqual([
    { path: '/docs', pageViews: 2, visitors: 1 },
    { path: '/caf%C3%A9', pageViews: 1, visitors: 1 },
  ])
  expect(await rowsBy('channel')).toEqual([
    { channel: 'Email', pageViews: 1, visitors: 1 },
    { channel: 'Internal', pageViews: 1, visitors: 1 },
    { channel: 'Social', pageViews: 1, visitors: 1 },
  ])
  expect(await rowsBy('referringPage')).toEqual([
    { referringPage: 'android-app://com.google.android.gm', pageViews: 1, visitors: 1 },
    { referringPage: 't.co/abc', pageViews: 1, visitors: 1 },
  ])
  expect(await rowsBy('hostName')).toEqual([
    { hostName: 'shop.example', pageViews: 3, visitors: 1 },
  ])
})

it('tidemark import: counts bots by their names, as the server does', async () => {
  const dataDir = await makeDataDirectory()
  const log = [
    line('/', '-', 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)'),
    line('/docs', '-', 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)'),
    line('/', '-', 'curl/8.5.0'),
  ]
  const { out } = await importLines(log, dataDir, ['--json'])
  expect(JSON.parse(out)).toMatchObject({ accepted: 3, botViews: 3, unlistedHostViews: 0 })
  const { rows, totals } = await openHistory(dataDir)('bot')
  expect(rows).toEqual([
    { bot: 'Googlebot', events: 2, visitors: 1 },
    { bot: 'curl', events: 1, visitors: 1 },
  ])
  expect(totals).toMatchObject({ botEvents: 3, pageViews: 0, visitors: 0 })
})

it('tidemark import: tells page views on hosts that the site does not list apart, also in a dry run', async () => {
  const dataDir = await makeDataDirectory()
  const log = ['shop.example', 'shop.example', 'old.example'].map(
    (host, index) => `${host} ${line(`/${index}`, '-')}`,
  )
  const dry = await importLines(log, dataDir, ['--dry-run'])
  const summary =
    /Views on unlisted hosts +1 .*\n(?:Imported page views +2\n)? *(?:Page views )?of people +2\n/
  expect(dry.out).toMatch(summary)
  expect(dry.out).toMatch(/Visitors per day, summed +1\n/)
  expect(dry.out).not.toContain('/2')
  const { out } = await importLines(log, dataDir)
  expect(out).toMatch(summary)
  const { rows, totals } = await openHistory(dataDir)('hostName')
  expect(rows).toContainEqual({ hostName: '(other host)', pageViews: 1, visitors: 1 })
  expect(totals).toMatchObject({ pageViews: 2, visitors: 1 })
})

it('tidemark import: uses the excluded addresses and pages of the server, also in a dry run beside it', async () => {
  const dataDir = makeDirectory()
  const { tidemark } = createTestServer({ sites, storage: { dataDir } })
  await tidemark.ready
  const log = [line('/Docs/', '-'), line('/own', '-').replace('192.0.2.7', '203.0.113.9')]
  const words = ['--origin', 'https://shop.example', '--json']
  const dry = await importLines(log, dataDir, [...words, '--dry-run'])
  await tidemark.close()
  expect(JSON.parse(dry.out)).toMatchObject({
    ...{ rules: 'server', excludedLines: 1, visits: [{ pages: ['/docs'] }] },
  })
  const { out } = await importLines(log, dataDir, words)
  expect(JSON.parse(out)).toMatchObject({ rules: 'server', excludedLines: 1, accepted: 1 })
})

it('tidemark import: says that no server has stored rules, also in a dry run', async () => {
  const dataDir = makeDirectory()
  const note = /^No server has stored rules for pages, hosts and excluded addresses/m
  const log = [line('/', '-')]
  expect((await importLines(log, dataDir, ['--dry-run'])).out).toMatch(note)
  expect((await importLines(log, dataDir)).out).toMatch(note)
  const { tidemark } = createTestServer({ storage: { dataDir }, onError: () => {} })
  await tidemark.ready
  await tidemark.close()
  expect((await importLines(log, dataDir)).out).not.toMatch(note)
})
