import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFile, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text as readText } from 'node:stream/consumers'
import { gzipSync } from 'node:zlib'
import { type LimitsAnswer, createTidemark } from '@tidemark/server'
import type { Problem } from '@tidemark/protocol'
import { describe, expect, it } from 'vitest'
import { writeMmdb } from '../../packages/server/src/testing/mmdb.ts'
import { flipLogBit } from '../faults/damage.ts'
import { startServer } from '../faults/server-process.ts'
import { formatTime } from './history-log.ts'
import {
  minuteMs,
  hourMs,
  dayMs,
  timeoutMs,
  place,
  argumentsFor,
  runImport,
  spawnImport,
  writeLog,
  lineAt,
  type Counts,
  type BucketCounts,
  ask,
  type Granularity,
  readCounts,
  count,
  hourInKathmandu,
  hourInUtc,
  dayInUtc,
  since,
  now,
  from,
  log,
  zone,
  expectExact,
} from './import-harness.ts'
import { hasRealLog, noRealLog, readRealViews, realLog } from './real-log.ts'

/**
 * Imports access logs with the command line, and compares the history of a server with an independent count that
 * shares no code with them.
 */

describe('tidemark import: a log of four months', () => {
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
    const tidemark = createTidemark({ storage: { dataDir: place.dataDir } })
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
      await createTidemark({ storage: { dataDir: place.dataDir }, history }).close()
      expect(await runImport(await writeLog('1.log', [lineAt(at)]))).toMatchObject({ code: 0 })
      const hourOf = timeZone === 'UTC' ? hourInUtc : hourInKathmandu
      expect(await read('hour')).toEqual([hourOf(at)])
      await rm(place.dataDir, { recursive: true })
      const retentionMs = { minute: Infinity, hour: Infinity }
      await createTidemark({
        storage: { dataDir: place.dataDir },
        history: { ...history, retentionMs },
      }).close()
      expect(await runImport(await writeLog('2.log', [lineAt(at)]))).toMatchObject({ code: 0 })
      expect(await read('minute')).toEqual([at])
    },
  )

  it('marks hours without its page views as unavailable, also after the retention is extended', async () => {
    await createTidemark({ storage: { dataDir: place.dataDir } }).close()
    const today = dayInUtc(Date.now())
    const lines = [120, 100, 60].map(days => lineAt(today - days * dayMs))
    expect(await runImport(await writeLog('access.log', lines))).toMatchObject({ code: 0 })
    const tidemark = createTidemark({
      storage: { dataDir: place.dataDir },
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
    const { fetch, close } = createTidemark({ storage: { dataDir: place.dataDir } })
    const body = JSON.stringify({ name: 'page_view', url: 'https://demo.example/live' })
    await fetch(new Request('http://localhost/api/sites/demo/events', { method: 'POST', body }))
    await close()
    await createTidemark({
      storage: { dataDir: place.dataDir },
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
    const live = createTidemark({ storage: { dataDir: place.dataDir } })
    await live.fetch(
      new Request('http://localhost/api/sites/demo/events', { method: 'POST', body }),
    )
    await live.close()
    await runImport(await writeLog('access.log', log.lines.slice(0, 2500)))
    const tidemark = createTidemark({ storage: { dataDir: place.dataDir } })
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
    const server = await startServer(place.dataDir)
    for (let n = 0; n < 20; n++) {
      const body = JSON.stringify({ name: 'page_view', url: 'https://demo.example/' })
      await fetch(`${server.api}/sites/demo/events`, { method: 'POST', body })
    }
    await server.kill()
    const { lostWrites } = flipLogBit(place.dataDir)
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
    const countries = join(place.directory, 'country.mmdb')
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
    const tidemark = createTidemark({ storage: { dataDir: place.dataDir } })
    const { rows } = await ask(tidemark, 'granularity=hour&by=country')
    await tidemark.close()
    expect(rows).toEqual([
      { country: 'GB', pageViews: 2, visitors: 2 },
      { country: '(unknown)', pageViews: 1, visitors: 1 },
      { country: 'DE', pageViews: 1, visitors: 1 },
    ])
  })

  it('uses the time zone of the server, and refuses another one', async () => {
    const server = createTidemark({
      storage: { dataDir: place.dataDir },
      history: { timeZone: 'Asia/Kathmandu' },
    })
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
    const tidemark = createTidemark({ storage: { dataDir: place.dataDir } })
    await tidemark.ready
    const file = await writeLog('access.log', log.lines.slice(0, 20))
    const refused = await runImport(file)
    await tidemark.close()
    expect(refused.code).toBe(1)
    expect(refused.stderr).toContain('Stop the server, import, and start it again')
  })

  it('stores no IP address and no user agent', async () => {
    await runImport(await writeLog('access.log', log.lines.slice(0, 500)))
    const bytes = await readFile(join(place.dataDir, 'tidemark.db'), 'latin1')
    expect(bytes).toContain('/products/')
    // A failed `toContain` would print the whole file.
    const found = ['203.0.113', 'Mozilla', 'Gecko', 'curl/'].filter(text => bytes.includes(text))
    expect(found).toEqual([])
  })
})

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
