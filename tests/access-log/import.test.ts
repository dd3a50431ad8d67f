import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { text as readText } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import {
  type LimitsAnswer,
  type MetricsAnswer,
  type Tidemark,
  createTidemark,
} from '@tidemark/server'
import type { Problem } from '@tidemark/protocol'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runCli } from '../../packages/server/src/cli/program.ts'
import { writeMmdb } from '../../packages/server/src/testing/mmdb.ts'
import { flipLogBit } from '../faults/damage.ts'
import { startServer } from '../faults/server-process.ts'
import { type HistoryLog, type View, createHistoryLog, formatTime } from './history-log.ts'
import { hasRealLog, noRealLog, readRealViews, realLog } from './real-log.ts'

/**
 * Imports access logs with the command line, and compares the history of a server with an independent count that
 * shares no code with them.
 */

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs
const timeoutMs = 60_000

const cli = fileURLToPath(new URL('../../packages/server/src/cli.ts', import.meta.url))

let directory = ''
let dataDir = ''
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tidemark-import-'))
  dataDir = join(directory, 'data')
})
afterEach(() => rm(directory, { recursive: true }))

const argumentsFor = (file: string, options: readonly string[]): string[] => [
  ...[cli, 'import', file, '--site', 'demo', '--data', dataDir, '--json', ...options],
]

const hasPrlimit = spawnSync('prlimit', ['--version']).status === 0

interface ImportRun {
  code: number
  stderr: string
  result: Record<string, unknown>
}

/** Runs the command in this process, which is faster than a new one. */
async function runCommand(
  words: readonly string[],
  input?: Buffer,
): Promise<{ code: number; stdout: string; stderr: string }> {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()]
  stdin.end(input)
  const { signal } = new AbortController()
  const code = await runCli(words, { command: 'tidemark', stdin, stdout, stderr, signal })
  return { code, stdout: String(stdout.read() ?? ''), stderr: String(stderr.read() ?? '') }
}

async function runImport(
  file: string,
  options: readonly string[] = [],
  stdin?: Buffer,
): Promise<ImportRun> {
  const words = argumentsFor(file, options).slice(1)
  const { code, stdout, stderr } = await runCommand(words, stdin)
  return { code, stderr, result: stdout === '' ? {} : JSON.parse(stdout) }
}

/** Imports a log as `runImport` does, in a process of its own. */
async function spawnImport(file: string, options: readonly string[]): Promise<ImportRun> {
  const child = spawn(process.execPath, argumentsFor(file, options), {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const exit = once(child, 'exit')
  const [stdout, stderr] = await Promise.all([readText(child.stdout), readText(child.stderr)])
  const [code] = await exit
  return { code: Number(code), stderr, result: JSON.parse(stdout) }
}

async function writeLog(name: string, lines: readonly string[]): Promise<string> {
  const file = join(directory, name)
  await writeFile(file, lines.join(''))
  return file
}

/** Returns a line with a page view of one visitor. */
function lineAt(at: number, path = '/'): string {
  const agent = 'Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0'
  return `203.0.113.9 - - [${formatTime(at)}] "GET ${path} HTTP/1.1" 200 1 "-" "${agent}"\n`
}

/** Counts of each bucket that is not empty, by its start. */
type Counts = Map<number, BucketCounts>
interface BucketCounts {
  pageViews: number
  visitors: number
  sessions: number
  bounces: number
  botEvents: number
  paths: Map<string, { pageViews: number; visitors: number }>
}

async function ask(tidemark: Tidemark, query: string): Promise<MetricsAnswer> {
  const url = `http://localhost/api/sites/demo/metrics?${query}`
  const response = await tidemark.fetch(new Request(url))
  expect(response.status).toBe(200)
  return JSON.parse(await response.text())
}

type Granularity = 'minute' | 'hour' | 'day'

/** Returns the most rows in each bucket that one answer may have. */
function bucketLimitOf(granularity: Granularity, from: number, to: number): number {
  const bucketMs = { minute: minuteMs, hour: hourMs, day: dayMs }[granularity]
  return Math.min(1000, Math.floor(50_000 / ((to - from) / bucketMs + 2)))
}

async function readCounts(
  granularity: Granularity,
  from: number,
  to: number,
  timeZone = 'UTC',
): Promise<Counts> {
  const tidemark = createTidemark({ storage: { dataDir }, history: { timeZone } })
  try {
    const rows = `by=path&bucketLimit=${bucketLimitOf(granularity, from, to)}`
    const query = `granularity=${granularity}&${rows}&from=${from}&to=${to}`
    return toCounts(await ask(tidemark, query))
  } finally {
    await tidemark.close()
  }
}

function toCounts({ buckets }: MetricsAnswer): Counts {
  const counts: Counts = new Map()
  for (const { at, rows = [], ...bucket } of buckets) {
    const { pageViews, visitors, sessions, bounces, botEvents } = bucket
    if (pageViews + botEvents + sessions === 0) continue
    const paths: BucketCounts['paths'] = new Map()
    for (const row of rows) {
      if (!('path' in row)) throw new Error('A row has no path.')
      paths.set(row.path, { pageViews: row.pageViews, visitors: row.visitors })
    }
    counts.set(at, { pageViews, visitors, sessions, bounces, botEvents, paths })
  }
  return counts
}

/** Counts independently. The same host and user agent are a new visitor on each day. */
function count(
  { views, bots }: Pick<HistoryLog, 'views' | 'bots'>,
  startOf: (at: number) => number,
  dayOf: (at: number) => number,
): Counts {
  const counts: Counts = new Map()
  const bucketAt = (at: number): BucketCounts => {
    const empty = { pageViews: 0, visitors: 0, sessions: 0, bounces: 0, botEvents: 0 }
    const bucket = counts.get(startOf(at)) ?? { ...empty, paths: new Map() }
    counts.set(startOf(at), bucket)
    return bucket
  }
  for (const at of bots) bucketAt(at).botEvents++
  const visitorOf = ({ at, client }: View): string => `${dayOf(at)} ${client}`
  for (const [at, group] of Map.groupBy(views, view => startOf(view.at))) {
    const bucket = bucketAt(at)
    bucket.pageViews = group.length
    bucket.visitors = new Set(group.map(visitorOf)).size
    for (const [path, pathViews] of Map.groupBy(group, view => view.path)) {
      const visitors = new Set(pathViews.map(visitorOf)).size
      bucket.paths.set(path, { pageViews: pathViews.length, visitors })
    }
  }
  for (const visitorViews of Map.groupBy(views, visitorOf).values()) {
    const times = visitorViews.map(({ at }) => at).toSorted((a, b) => a - b)
    const starts = times.filter((at, i) => at - (times[i - 1] ?? -Infinity) > 30 * minuteMs)
    for (const [i, start] of starts.entries()) {
      const next = starts[i + 1] ?? Infinity
      bucketAt(start).sessions++
      if (times.filter(at => at >= start && at < next).length === 1) bucketAt(start).bounces++
    }
  }
  return counts
}

const kathmanduMs = 5.75 * hourMs
const dayInKathmandu = (at: number): number =>
  Math.floor((at + kathmanduMs) / dayMs) * dayMs - kathmanduMs
const hourInKathmandu = (at: number): number =>
  Math.floor((at + kathmanduMs) / hourMs) * hourMs - kathmanduMs
const hourInUtc = (at: number): number => Math.floor(at / hourMs) * hourMs
const dayInUtc = (at: number): number => Math.floor(at / dayMs) * dayMs
const minuteOf = (at: number): number => Math.floor(at / minuteMs) * minuteMs

const since = (counts: Counts, from: number): Counts =>
  new Map([...counts].filter(([at]) => at >= from).toSorted(([a], [b]) => a - b))

describe('tidemark import: a log of four months', () => {
  const now = Date.now()
  const from = dayInKathmandu(now) - 120 * dayMs
  const log = createHistoryLog(5000, from + hourMs, now - minuteMs)
  const zone = ['--time-zone', 'Asia/Kathmandu']

  /** Compares days, and the retained hours and minutes, with the independent count. */
  async function expectExact(): Promise<void> {
    const { views, bots } = log
    const read = (granularity: Granularity, start: number): Promise<Counts> =>
      readCounts(granularity, start, Date.now(), 'Asia/Kathmandu')
    const dayCounts = count({ views, bots }, dayInKathmandu, dayInKathmandu)
    expect(await read('day', from)).toEqual(since(dayCounts, from))
    const hours = hourInKathmandu(now) - 88 * dayMs
    const hourCounts = count({ views, bots }, hourInKathmandu, dayInKathmandu)
    expect(await read('hour', hours)).toEqual(since(hourCounts, hours))
    const minutes = minuteOf(now) - 47 * hourMs
    const minuteCounts = count({ views, bots }, minuteOf, dayInKathmandu)
    expect(await read('minute', minutes)).toEqual(since(minuteCounts, minutes))
  }

  it(
    'counts exactly by day, hour and minute, and counts the same log once',
    { timeout: timeoutMs },
    async () => {
      const file = await writeLog('access.log', log.lines)
      const lines = log.lines.length
      const pageViews = log.views.length + log.bots.length
      const { code, result } = await spawnImport(file, zone)
      expect({ code, ...result }).toMatchObject({
        ...{ code: 0, lines, alreadyImportedLines: 0, blankLines: 1, unparsedLines: 0 },
        ...{ pageViews, accepted: pageViews, botViews: log.bots.length, hasUnfinishedLine: false },
      })
      await expectExact()

      const skipped = {
        code: 0,
        result: { lines, alreadyImportedLines: lines, pageViews: 0, accepted: 0 },
      }
      const compressed = await writeLog('access.log.1.gz', [])
      await writeFile(compressed, gzipSync(log.lines.join('')))
      expect(await runImport(file, zone)).toMatchObject(skipped)
      expect(await runImport(compressed, zone)).toMatchObject(skipped)
      expect(await runImport('-', zone, Buffer.from(log.lines.join('')))).toMatchObject(skipped)
      await expectExact()
    },
  )

  it(
    'counts the new lines of a log that has grown, and leaves an incomplete line',
    { timeout: timeoutMs },
    async () => {
      const text = log.lines.join('')
      // Cuts in the first lines, in the middle of a line, at the end of a line, and at the end of the log.
      const cuts = [log.lines.slice(0, 4).join('').length, Math.floor(text.length * 0.6) + 20]
      cuts.push(text.indexOf('\n', Math.floor(text.length * 0.9)) + 1, text.length)
      const file = await writeLog('access.log', [])
      let before = 0
      for (const cut of cuts) {
        await appendFile(file, text.slice(before, cut))
        const { code, result } = await runImport(file, zone)
        const hasUnfinishedLine = text[cut - 1] !== '\n'
        expect({ code, ...result }).toMatchObject({ code: 0, hasUnfinishedLine })
        before = cut
      }
      await expectExact()
    },
  )

  it('continues a session across the end of a log that has grown', async () => {
    const day = dayInUtc(now) - 100 * dayMs
    const lines = Array.from({ length: 12 }, (_, i) => {
      const [, date, month, year, time] = new Date(day + i * 20 * minuteMs).toUTCString().split(' ')
      const timestamp = `${date}/${month}/${year}:${time} +0000`
      return `192.0.2.1 - - [${timestamp}] "GET /${i} HTTP/1.1" 200 1 "-" "Mozilla/5.0 Firefox/127.0"\n`
    })
    const file = await writeLog('access.log', lines.slice(0, 5))
    await runImport(file)
    await appendFile(file, lines.slice(5).join(''))
    await runImport(file)
    const counts = await readCounts('day', day, day + dayMs)
    const expected = { pageViews: 12, visitors: 1, sessions: 1, bounces: 0 }
    expect(counts.get(day)).toMatchObject(expected)
  })

  it('recognizes the visitors of a day that is in two logs', { timeout: timeoutMs }, async () => {
    const cuts = [0, 1800, 3300, log.lines.length]
    const parts = cuts.slice(1).map((end, i) => log.lines.slice(cuts[i], end))
    const files = await Promise.all(parts.map((lines, i) => writeLog(`access.log.${i}`, lines)))
    // The newest log first.
    for (const file of files.toReversed()) {
      expect(await runImport(file, zone)).toMatchObject({
        code: 0,
        result: { alreadyImportedLines: 0 },
      })
    }
    await expectExact()
  })

  it('takes back a killed import, and counts it anew', { timeout: timeoutMs }, async () => {
    const text = log.lines.join('')
    await killImportAfter(text.slice(0, Math.floor(text.length * 0.97)), zone)
    const { code } = await undo()
    expect(code).toBe(0)
    expect((await readCounts('day', from, Date.now(), 'Asia/Kathmandu')).size).toBe(0)
    const { result } = await runImport('-', zone, Buffer.from(text))
    const pageViews = log.views.length + log.bots.length
    expect(result).toMatchObject({ alreadyImportedLines: 0, accepted: pageViews })
  })

  it('counts once after it is killed and started again', { timeout: timeoutMs }, async () => {
    const text = log.lines.join('')
    for (const share of [0.85, 0.97]) {
      await killImportAfter(text.slice(0, Math.floor(text.length * share)), zone)
    }
    const { code, result } = await runImport('-', zone, Buffer.from(text))
    const skipped = Number(result['alreadyImportedLines'])
    expect(code).toBe(0)
    expect(skipped).toBeGreaterThan(1000)
    expect(skipped).toBeLessThan(log.lines.length)
    await expectExact()
  })

  it(
    'commits the lines read when it is interrupted, and continues from there',
    { timeout: timeoutMs },
    async () => {
      const text = log.lines.join('')
      const child = spawn(process.execPath, argumentsFor('-', zone), {
        stdio: ['pipe', 'pipe', 'ignore'],
      })
      const output = readText(child.stdout)
      const exit = once(child, 'exit')
      await new Promise(resolve => child.stdin.write(text.slice(0, text.length * 0.9), resolve))
      child.kill('SIGINT')
      expect(await exit).toEqual([130, null])
      const first = JSON.parse(await output) as Record<string, unknown>
      expect(first).toMatchObject({ interrupted: true })
      expect(first['failure']).toBeUndefined()
      const { code, result } = await runImport('-', zone, Buffer.from(text))
      expect(code).toBe(0)
      expect(result['alreadyImportedLines']).toBe(first['lines'])
      await expectExact()
    },
  )

  // Only Linux has a command that limits the size of a process's files.
  it.skipIf(!hasPrlimit)(
    'reports a full disk, and counts once when there is space again (needs prlimit)',
    { timeout: timeoutMs },
    async () => {
      const text = log.lines.join('')
      const words = ['--fsize=400000', process.execPath, ...argumentsFor('-', zone)]
      const child = spawn('prlimit', words, { stdio: ['pipe', 'pipe', 'pipe'] })
      const [output, errors] = [readText(child.stdout), readText(child.stderr)]
      const exit = once(child, 'exit')
      child.stdin.on('error', () => {})
      child.stdin.end(text)
      expect(await exit).toEqual([1, null])
      const first = JSON.parse(await output) as { accepted: number; failure: unknown }
      expect(first.failure).toMatchObject({ code: 'data_unavailable' })
      expect(first.accepted).toBeLessThan(log.views.length)
      expect(await errors).toContain('could not be written')
      expect(await runImport('-', zone, Buffer.from(text))).toMatchObject({ code: 0 })
      await expectExact()
    },
  )

  it('refuses a log that starts like an imported log and differs later', async () => {
    const file = await writeLog('access.log', log.lines.slice(0, 1000))
    await runImport(file, zone)
    const before = await readCounts('day', from, Date.now(), 'Asia/Kathmandu')
    const changed = await writeLog('changed.log', log.lines.toSpliced(500, 1))
    expect(await runImport(changed, zone)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('its first 1000 lines are not the same'),
      result: { accepted: 0, failure: { code: 'log_changed' } },
    })
    expect(await readCounts('day', from, Date.now(), 'Asia/Kathmandu')).toEqual(before)
  })

  it('stores the most viewed pages also when they come late, and counts the overflow of the others', async () => {
    const line = (path: string, second: number): string =>
      lineAt(Date.UTC(2015, 4, 17) + second * 1000, path)
    const rarePages = Array.from({ length: 2500 }, (_, each) => line(`/rare/${each}`, each))
    const home = Array.from({ length: 300 }, (_, each) => line('/home', 3000 + each))
    const { code } = await runImport(await writeLog('access.log', [...rarePages, ...home]))
    expect(code).toBe(0)
    const tidemark = createTidemark({ storage: { dataDir } })
    const day = 'granularity=day&by=path&limit=1&from=2015-05-17&to=2015-05-18'
    const { rows, totals } = await ask(tidemark, day)
    const limits = await tidemark.fetch(new Request('http://localhost/api/sites/demo/limits'))
    const { limits: counters } = (await limits.json()) as LimitsAnswer
    await tidemark.close()
    expect(totals.pageViews).toBe(2800)
    expect(rows).toMatchObject([
      { path: '/home', pageViews: 300 },
      { path: '(other)', pageViews: 2500 },
    ])
    expect(counters['maxBreakdownRows']).toEqual({ limit: 1000, overflow: 1501 })
  })

  it.each(['UTC', 'Asia/Kathmandu'])(
    'retains hours and minutes as long as the server, in %s',
    async timeZone => {
      const at = Date.UTC(2015, 4, 17, 10, 5)
      const read = async (granularity: Granularity): Promise<number[]> => {
        const counts = await readCounts(granularity, at - hourMs, at + hourMs, timeZone)
        return [...counts.keys()]
      }
      const history = { retentionMs: { hour: Infinity }, timeZone }
      await createTidemark({ storage: { dataDir }, history }).close()
      expect(await runImport(await writeLog('1.log', [lineAt(at)]))).toMatchObject({ code: 0 })
      const hourOf = timeZone === 'UTC' ? hourInUtc : hourInKathmandu
      expect(await read('hour')).toEqual([hourOf(at)])
      await rm(dataDir, { recursive: true })
      const retentionMs = { minute: Infinity, hour: Infinity }
      await createTidemark({ storage: { dataDir }, history: { ...history, retentionMs } }).close()
      expect(await runImport(await writeLog('2.log', [lineAt(at)]))).toMatchObject({ code: 0 })
      expect(await read('minute')).toEqual([at])
    },
  )

  it('marks hours without its page views as unavailable, also after the retention is extended', async () => {
    await createTidemark({ storage: { dataDir } }).close()
    const today = dayInUtc(Date.now())
    const lines = [120, 100, 60].map(days => lineAt(today - days * dayMs))
    expect(await runImport(await writeLog('access.log', lines))).toMatchObject({ code: 0 })
    const tidemark = createTidemark({
      storage: { dataDir },
      history: { retentionMs: { hour: Infinity } },
    })
    const between = (granularity: string, daysAgo: number): string =>
      `granularity=${granularity}&from=${today - daysAgo * dayMs}&to=${today - 59 * dayMs}`
    const allDays = await ask(tidemark, between('day', 130))
    const refused = await tidemark.fetch(
      new Request(`http://localhost/api/sites/demo/metrics?${between('hour', 101)}`),
    )
    const { code, detail } = (await refused.json()) as Problem
    const hours = await ask(tidemark, between('hour', 90))
    await tidemark.close()
    expect([allDays.totals.pageViews, hours.totals.pageViews]).toEqual([3, 1])
    expect(code).toBe('query_invalid')
    expect(detail).toContain('use granularity=day')
  })

  it('stores hours for an extended retention of a site with live events', async () => {
    const { fetch, close } = createTidemark({ storage: { dataDir } })
    const body = JSON.stringify({ name: 'page_view', url: 'https://demo.example/live' })
    await fetch(new Request('http://localhost/api/sites/demo/events', { method: 'POST', body }))
    await close()
    await createTidemark({
      storage: { dataDir },
      history: { retentionMs: { hour: Infinity } },
    }).close()
    const today = dayInUtc(Date.now())
    const line = lineAt(today - 120 * dayMs)
    expect(await runImport(await writeLog('access.log', [line]))).toMatchObject({ code: 0 })
    const counts = await readCounts('hour', today - 121 * dayMs, today - 119 * dayMs)
    expect([...counts.keys()]).toEqual([today - 120 * dayMs])
  })

  it('does not change the live state', { timeout: timeoutMs }, async () => {
    const body = JSON.stringify({ name: 'page_view', url: 'https://demo.example/live' })
    const live = createTidemark({ storage: { dataDir } })
    await live.fetch(
      new Request('http://localhost/api/sites/demo/events', { method: 'POST', body }),
    )
    await live.close()
    await runImport(await writeLog('access.log', log.lines.slice(0, 2500)))
    const tidemark = createTidemark({ storage: { dataDir } })
    const response = await tidemark.fetch(new Request('http://localhost/api/sites/demo/realtime'))
    const state: unknown = JSON.parse(await response.text())
    const today = await ask(tidemark, 'granularity=hour')
    await tidemark.close()
    expect(state).toMatchObject({
      activePages: [{ path: '/live', visitors: 1 }],
      recentEvents: [expect.objectContaining({ path: '/live' })],
    })
    expect(today.totals).toMatchObject({ pageViews: 1, visitors: 1, sessions: 1 })
  })

  it('reports a damaged event log once, because the next start cannot report it', async () => {
    const server = await startServer(dataDir)
    for (let n = 0; n < 20; n++) {
      const body = JSON.stringify({ name: 'page_view', url: 'https://demo.example/' })
      await fetch(`${server.api}/sites/demo/events`, { method: 'POST', body })
    }
    await server.kill()
    const { lostWrites } = flipLogBit(dataDir)
    const file = await writeLog('access.log', log.lines.slice(0, 20))
    const damaged = await runImport(file)
    expect(damaged.code).toBe(0)
    expect(damaged.stderr).toMatch(
      /^The event log in .+ was damaged before the import\.\n(\d+) writes? (is|are) corrupt/,
    )
    expect(damaged.stderr).toContain(`${lostWrites} write`)
    expect((await runImport(file)).stderr).not.toContain('damaged')
  })

  it('determines countries with a country file', async () => {
    const countries = join(directory, 'country.mmdb')
    const networks = { '81.0.0.0/8': 'GB', '2001:db9::/32': 'DE' }
    await writeFile(
      countries,
      writeMmdb(
        Object.entries(networks).map(([network, code]) => [
          network,
          { country: { iso_code: code } },
        ]),
      ),
    )
    const at = Date.now() - hourMs
    const line = (host: string): string =>
      `${host} - - [${formatTime(at)}] "GET / HTTP/1.1" 200 512 "-" "Mozilla/5.0 Firefox/140.0"\n`
    const hosts = ['81.2.69.142', '81.2.69.143', '2001:db9::1', '92.0.0.1']
    const file = await writeLog('access.log', hosts.map(line))
    expect(await runImport(file, ['--country-file', countries])).toMatchObject({ code: 0 })
    const tidemark = createTidemark({ storage: { dataDir } })
    const { rows } = await ask(tidemark, 'granularity=hour&by=country')
    await tidemark.close()
    expect(rows).toEqual([
      { country: 'GB', pageViews: 2, visitors: 2 },
      { country: '(unknown)', pageViews: 1, visitors: 1 },
      { country: 'DE', pageViews: 1, visitors: 1 },
    ])
  })

  it('uses the time zone of the server, and refuses another one', async () => {
    const server = createTidemark({ storage: { dataDir }, history: { timeZone: 'Asia/Kathmandu' } })
    await server.ready
    await server.close()
    const file = await writeLog('access.log', log.lines.slice(0, 20))
    const other = await runImport(file, ['--time-zone', 'Europe/Berlin'])
    expect(other.code).toBe(1)
    expect(other.stderr).toContain("is not 'Asia/Kathmandu', the time zone of the data directory")
    const same = await runImport(file)
    expect(same.code).toBe(0)
    expect(same.result).toMatchObject({ timeZone: 'Asia/Kathmandu', lines: 20 })
  })

  it('names the remedy when a server has the data directory open', async () => {
    const tidemark = createTidemark({ storage: { dataDir } })
    await tidemark.ready
    const file = await writeLog('access.log', log.lines.slice(0, 20))
    const refused = await runImport(file)
    await tidemark.close()
    expect(refused.code).toBe(1)
    expect(refused.stderr).toContain('Stop the server, import, and start it again')
  })

  it('stores no IP address and no user agent', async () => {
    await runImport(await writeLog('access.log', log.lines.slice(0, 500)))
    const bytes = await readFile(join(dataDir, 'tidemark.db'), 'latin1')
    expect(bytes).toContain('/products/')
    // A failed `toContain` would print the whole file.
    const found = ['203.0.113', 'Mozilla', 'Gecko', 'curl/'].filter(text => bytes.includes(text))
    expect(found).toEqual([])
  })
})

/** Takes back the last import. */
function undo(): Promise<{ code: number }> {
  return runCommand(['import', '--undo', '--site', 'demo', '--data', dataDir])
}

/** Sends the start of a log to an import, and kills it when it has read nearly all of it. */
async function killImportAfter(text: string, options: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, argumentsFor('-', options), {
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  await new Promise(resolve => child.stdin.write(text, resolve))
  child.kill('SIGKILL')
  const [, signal] = await once(child, 'exit')
  expect(signal).toBe('SIGKILL')
}

/** Replaces visitor counts that are estimates: above 256, and of a path above 128, a sketch is not exact. */
function withoutEstimates(counts: Counts): unknown[] {
  return [...counts].map(([at, { visitors, paths, ...totals }]) => [
    at,
    totals,
    visitors > 200 ? 'many' : visitors,
    [...paths]
      .map(([path, row]) => ({
        path,
        ...row,
        visitors: row.visitors > 100 ? 'many' : row.visitors,
      }))
      .toSorted((a, b) => (a.path < b.path ? -1 : 1)),
  ])
}

describe("tidemark import: a real server's log", () => {
  it('counts exactly by day and path, in 2015', { timeout: timeoutMs }, async ({ skip }) => {
    skip(!hasRealLog, noRealLog)
    const all = await readRealViews()
    const views = all.filter(({ isBot }) => !isBot)
    const bots = all.filter(({ isBot }) => isBot).map(({ at }) => at)
    const expected = count({ views, bots }, dayInUtc, dayInUtc)
    const total = (valueOf: (counts: BucketCounts) => number): number =>
      [...expected.values()].reduce((sum, counts) => sum + valueOf(counts), 0)
    const { code, result } = await runImport(realLog)
    expect({ code, ...result }).toMatchObject({
      ...{ code: 0, lines: 10_000, pageViews: 2874, accepted: 2874, unparsedLines: 1 },
      botViews: total(({ botEvents }) => botEvents),
    })
    const counts = await readCounts('day', Date.UTC(2015, 4, 1), Date.UTC(2015, 5, 1))
    expect(counts.size).toBe(4)
    expect(withoutEstimates(counts)).toEqual(withoutEstimates(since(expected, 0)))
    for (const [at, { visitors, paths }] of counts) {
      const exact = expected.get(at)
      // Four standard errors: 0.8 % of a day, 2.3 % of a path.
      expect(Math.abs(visitors / (exact?.visitors ?? 0) - 1)).toBeLessThan(0.033)
      for (const [path, row] of paths) {
        expect(Math.abs(row.visitors / (exact?.paths.get(path)?.visitors ?? 0) - 1)).toBeLessThan(
          0.092,
        )
      }
    }
  })
})
