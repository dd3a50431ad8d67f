import { cpSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { PassThrough } from 'node:stream'
import { inflateSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { DatabaseSync } from '../log/node-sqlite.ts'
import { makeDirectory } from '../testing/directory.ts'
import { type TestServer, createTestServer } from '../testing/server.ts'
import { runCli } from './program.ts'

async function run(...words: readonly string[]) {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()]
  const { signal } = new AbortController()
  const code = await runCli(words, { command: 'tidemark', stdin, stdout, stderr, signal })
  return { code, out: String(stdout.read() ?? ''), err: String(stderr.read() ?? '') }
}

const options = { goals: [{ name: 'Viewed', event: 'page_view' }] }
const view = (visitorId: string, more: object = {}): object => ({
  ...{ name: 'page_view', visitorId, url: `https://shop.example/of-${visitorId}`, ...more },
})

/** Fills a data directory, and returns a copy of it, as after a crash: its log has all events. */
async function createData(): Promise<{ data: string; server: TestServer; running: string }> {
  const directory = makeDirectory()
  const [running, data] = [join(directory, 'running'), join(directory, 'crashed')]
  const server = createTestServer({ ...options, storage: { dataDir: running } })
  await server.send({
    client: 'c',
    events: [view('ada-7f3c9e', { n: 1 }), view('bob', { n: 2, userId: 'bob@example.com' })],
  })
  await server.send(view('ada-7f3c9e'))
  await server.send(view('ada-7f3c9e'), { site: 'blog' })
  mkdirSync(data)
  for (const file of filesOf(running)) cpSync(file, join(data, basename(file)))
  return { data, server, running }
}

/** Paths of the data files of a directory. */
function filesOf(data: string): string[] {
  return readdirSync(data)
    .filter(file => file.startsWith('tidemark.db'))
    .map(file => join(data, file))
}

/** Returns whether a text is in a data directory: in the bytes of its files, or in the compressed log. */
function contains(data: string, text: string): boolean {
  const files = filesOf(data).map(file => readFileSync(file))
  if (files.some(bytes => bytes.includes(text))) return true
  const database = new DatabaseSync(join(data, 'tidemark.db'), { readOnly: true })
  const blocks = database.prepare('SELECT records FROM block').all()
  database.close()
  return blocks.some(({ records }) => {
    const bytes = Buffer.from(records as Uint8Array)
    return inflateSync(bytes.subarray(0, -4)).includes(text)
  })
}

/** Returns the number of rows that the undo of an import needs. */
function countReplaced(data: string): number {
  const database = new DatabaseSync(join(data, 'tidemark.db'), { readOnly: true })
  const row = database.prepare('SELECT count(*) AS count FROM replaced').get()
  database.close()
  return Number(row?.['count'])
}

async function readFrom(data: string, site = 'shop') {
  const server = createTestServer({ ...options, storage: { dataDir: data } })
  await server.tidemark.ready
  const metrics = await (
    await server.ask(`/api/sites/${site}/metrics?granularity=day&by=path`)
  ).json()
  const live = await server.read('', site)
  await server.tidemark.close()
  return { totals: metrics.totals, rows: metrics.rows, missing: metrics.missing, live }
}

describe('tidemark forget', () => {
  it('erases the events of a visitor from the log and from the live state', async () => {
    const { data } = await createData()
    expect(contains(data, 'ada-7f3c9e')).toBe(true)
    const { code, out, err } = await run(
      ...['forget', '--data', data, '--site', 'shop', '--visitor', 'ada-7f3c9e'],
    )
    expect([code, err]).toEqual([0, ''])
    expect(out).toContain('Erased from the event log of shop: 2 events\n')
    // The other site still has the visitor.
    await run('forget', '--data', data, '--site', 'blog', '--everything')
    expect(contains(data, 'ada-7f3c9e')).toBe(false)
    expect(await readFrom(data)).toMatchObject({
      totals: { events: 1, visitors: 1 },
      rows: [{ path: '/of-bob', pageViews: 1 }],
      live: { currentVisitors: 0, recentEvents: [], goals: [], pageViews: 0 },
    })
  })

  it('erases a visitor whose events are counted already, except from the counts', async () => {
    const { server, running } = await createData()
    await server.tidemark.close()
    // Live goals name their visitors.
    expect(contains(running, 'ada-7f3c9e')).toBe(true)
    for (const site of ['shop', 'blog']) {
      await run('forget', '--data', running, '--site', site, '--visitor', 'ada-7f3c9e')
    }
    const files = filesOf(running).map(file => readFileSync(file, 'latin1'))
    // The path of the page is no ID; it names the visitor in this test only.
    expect(files.join('').replaceAll('of-ada-7f3c9e', '')).not.toContain('ada-7f3c9e')
    expect(await readFrom(running)).toMatchObject({ totals: { events: 3, visitors: 2 } })
  })

  it('erases the events of a user', async () => {
    const { data } = await createData()
    const { out } = await run(
      ...['forget', '--data', data, '--site', 'shop', '--user', 'bob@example.com', '--json'],
    )
    expect(JSON.parse(out)).toEqual({ site: 'shop', events: 1, buckets: 0, changed: true })
    expect(contains(data, 'bob@example.com')).toBe(false)
    expect(await readFrom(data)).toMatchObject({ totals: { events: 2, visitors: 1 } })
  })

  it('erases several people at once, before the others are counted', async () => {
    const { data } = await createData()
    const words = ['forget', '--data', data, '--site', 'shop', '--visitor']
    const { out } = await run(
      ...words,
      'nobody',
      '--visitor',
      'ada-7f3c9e',
      '--user',
      'bob@example.com',
    )
    expect(out).toContain('Erased from the event log of shop: 3 events\n')
    expect(await readFrom(data)).toMatchObject({ totals: { events: 0, visitors: 0 } })
  })

  it('changes nothing for an unknown visitor or user, and says so', async () => {
    const { data } = await createData()
    const words = ['forget', '--data', data, '--site', 'shop']
    const { code, out } = await run(...words, '--visitor', 'ada', '--user', 'ada-7f3c9e')
    expect([code, out]).toEqual([
      ...[0, expect.stringContaining("live state of shop has 'ada', 'ada-7f3c9e'.\n") as unknown],
    ])
    // The log has all events still, so the right ID erases its events before they are counted.
    const erased = await run(...words, '--visitor', 'ada-7f3c9e', '--json')
    expect(JSON.parse(erased.out)).toMatchObject({ events: 2, changed: true })
    // Now all events are counted, and nobody else is in the live state.
    const again = await run(...words, '--visitor', 'ada-7f3c9e', '--json')
    expect(JSON.parse(again.out)).toMatchObject({ events: 0, changed: false })
  })

  it('renews the live state for people that are counted already, and for nobody else', async () => {
    const { server, running } = await createData()
    await server.tidemark.close()
    const words = ['forget', '--data', running, '--site', 'shop', '--json']
    const changedBy = async (...people: string[]): Promise<unknown> =>
      JSON.parse((await run(...words, ...people)).out)
    const nobody = ['--visitor', 'nobody', '--user', 'bob']
    expect(await changedBy(...nobody)).toMatchObject({ changed: false })
    expect((await readFrom(running)).live).toMatchObject({ currentVisitors: 2, pageViews: 3 })
    expect(await changedBy('--user', 'bob@example.com')).toMatchObject({ events: 0, changed: true })
    expect(await changedBy('--visitor', 'bob')).toMatchObject({ events: 0, changed: true })
    expect((await readFrom(running)).live).toMatchObject({
      ...{ currentVisitors: 0, pageViews: 0, recentEvents: [] },
      // The minutes of the last hour are history.
      minuteSeries: [{ events: 3, visitors: 2 }],
    })
  })

  it('erases whole days from every tier, and nothing else', async () => {
    const { data, server } = await createData()
    const today = new Date(server.clock.now()).toISOString().slice(0, 10)
    const tomorrow = new Date(server.clock.now() + 86_400_000).toISOString().slice(0, 10)
    const words = ['forget', '--data', data, '--site', 'shop', '--from']
    await run(...words, tomorrow, '--to', '2099-01-01')
    expect(await readFrom(data)).toMatchObject({ totals: { events: 3 } })
    // The directory has no log any more, only buckets.
    const { code, out } = await run(...words, today, '--to', tomorrow)
    expect([code, /history: [1-9]\d* parts/.test(out)]).toEqual([0, true])
    const after = await readFrom(data)
    expect(after).toMatchObject({ totals: { events: 0, sessions: 0 }, rows: [] })
    expect(after.missing).toBeUndefined()
    expect(contains(data, '/of-bob')).toBe(false)
    expect(await readFrom(data, 'blog')).toMatchObject({ totals: { events: 1 } })
  })

  it('erases everything of a site, also its events in the log', async () => {
    const { data } = await createData()
    await run('forget', '--data', data, '--site', 'shop', '--everything')
    expect([contains(data, 'bob'), contains(data, 'ada-7f3c9e')]).toEqual([false, true])
    expect(await readFrom(data)).toMatchObject({ totals: { events: 0 } })
    expect(await readFrom(data, 'blog')).toMatchObject({ totals: { events: 1 } })
  })

  it('erases the data for the undo of an import, so that no undo brings it back', async () => {
    const data = join(makeDirectory(), 'data')
    const log = join(makeDirectory(), 'access.log')
    const time = '10/Mar/2026:12:00:00 +0000'
    writeFileSync(log, `203.0.113.7 - - [${time}] "GET /of-ada HTTP/1.1" 200 1 "-" "Mozilla/5.0"\n`)
    const imported = await run('import', log, '--site', 'shop', '--data', data)
    expect(imported).toMatchObject({ code: 0 })
    expect(countReplaced(data)).toBeGreaterThan(0)
    const words = ['forget', '--data', data, '--site', 'shop', '--from']
    expect(await run(...words, '2026-03-10', '--to', '2026-03-11')).toMatchObject({ code: 0 })
    expect([countReplaced(data), contains(data, '/of-ada')]).toEqual([0, false])
    const { out, err } = await run('import', '--undo', '--site', 'shop', '--data', data)
    expect(out + err).toMatch(/no import/i)
  })

  it('does not touch the data of a running server', async () => {
    const { running, server } = await createData()
    const { code, err } = await run('forget', '--data', running, '--site', 'shop', '--everything')
    expect([code, err]).toEqual([1, expect.stringContaining('has the log in') as unknown])
    expect(await server.read('?channels=currentVisitors')).toMatchObject({ currentVisitors: 2 })
  })

  it.each([
    [[], 2, 'Give exactly one of'],
    [['--visitor', 'a', '--everything'], 2, 'Give exactly one of'],
    [['--from', '2026-03-10'], 2, 'Give both --from and --to.'],
    [['--from', '2026-03-10', '--to', '2026-03-10'], 2, '--to is not after --from.'],
    [['--from', '2026-03-10T12:00Z', '--to', '2026-03-11'], 2, 'Only whole days'],
    [['--from', '2026-02-30', '--to', '2026-03-11'], 2, 'Only whole days'],
    [['--everything', '--data', '/nowhere'], 1, '/nowhere is not a data directory.'],
  ])('refuses %j', async (words, code, message) => {
    const result = await run('forget', '--site', 'shop', ...words)
    expect(result).toMatchObject({ code, err: expect.stringContaining(message) as unknown })
  })

  it('says that a site has no data', async () => {
    const { data } = await createData()
    const { code, err } = await run('forget', '--data', data, '--site', 'none', '--everything')
    expect([code, err]).toEqual([1, 'tidemark: The site "none" has no stored data.\n'])
  })
})
