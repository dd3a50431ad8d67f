import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { text as readText } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { type MetricsAnswer, type Tidemark, createTidemark } from '@tidemark/server'
import { afterEach, beforeEach, expect } from 'vitest'
import { runCli } from '../../packages/server/src/cli/program.ts'
import { type HistoryLog, type View, createHistoryLog, formatTime } from './history-log.ts'

/** Imports access logs with the command line, and counts them independently. */

export const minuteMs = 60_000
export const hourMs = 60 * minuteMs
export const dayMs = 24 * hourMs
export const timeoutMs = 60_000

export const cli = fileURLToPath(new URL('../../packages/server/src/cli.ts', import.meta.url))

/** Directories of the current test. */
export const place = { directory: '', dataDir: '' }
beforeEach(async () => {
  place.directory = await mkdtemp(join(tmpdir(), 'tidemark-import-'))
  place.dataDir = join(place.directory, 'data')
})
afterEach(() => rm(place.directory, { recursive: true }))

export const argumentsFor = (file: string, options: readonly string[]): string[] => [
  ...[cli, 'import', file, '--site', 'demo', '--data', place.dataDir, '--json', ...options],
]

export interface ImportRun {
  code: number
  stderr: string
  result: Record<string, unknown>
}

/** Runs the command in this process, which is faster than a new one. */
export async function runCommand(
  words: readonly string[],
  input?: Buffer,
): Promise<{ code: number; stdout: string; stderr: string }> {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()]
  stdin.end(input)
  const { signal } = new AbortController()
  const code = await runCli(words, { command: 'tidemark', stdin, stdout, stderr, signal })
  return { code, stdout: String(stdout.read() ?? ''), stderr: String(stderr.read() ?? '') }
}

export async function runImport(
  file: string,
  options: readonly string[] = [],
  stdin?: Buffer,
): Promise<ImportRun> {
  const words = argumentsFor(file, options).slice(1)
  const { code, stdout, stderr } = await runCommand(words, stdin)
  return { code, stderr, result: stdout === '' ? {} : JSON.parse(stdout) }
}

/** Imports a log as `runImport` does, in a process of its own. */
export async function spawnImport(file: string, options: readonly string[]): Promise<ImportRun> {
  const child = spawn(process.execPath, argumentsFor(file, options), {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const exit = once(child, 'exit')
  const [stdout, stderr] = await Promise.all([readText(child.stdout), readText(child.stderr)])
  const [code] = await exit
  return { code: Number(code), stderr, result: JSON.parse(stdout) }
}

export async function writeLog(name: string, lines: readonly string[]): Promise<string> {
  const file = join(place.directory, name)
  await writeFile(file, lines.join(''))
  return file
}

/** Returns a line with a page view of one visitor. */
export function lineAt(at: number, path = '/'): string {
  const agent = 'Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0'
  return `203.0.113.9 - - [${formatTime(at)}] "GET ${path} HTTP/1.1" 200 1 "-" "${agent}"\n`
}

/** Counts of each bucket that is not empty, by its start. */
export type Counts = Map<number, BucketCounts>
export interface BucketCounts {
  pageViews: number
  visitors: number
  sessions: number
  bounces: number
  botEvents: number
  paths: Map<string, { pageViews: number; visitors: number }>
}

export async function ask(tidemark: Tidemark, query: string): Promise<MetricsAnswer> {
  const url = `http://localhost/api/sites/demo/metrics?${query}`
  const response = await tidemark.fetch(new Request(url))
  expect(response.status).toBe(200)
  return JSON.parse(await response.text())
}

export type Granularity = 'minute' | 'hour' | 'day'

/** Returns the most rows in each bucket that one answer may have. */
export function bucketLimitOf(granularity: Granularity, from: number, to: number): number {
  const bucketMs = { minute: minuteMs, hour: hourMs, day: dayMs }[granularity]
  return Math.min(1000, Math.floor(50_000 / ((to - from) / bucketMs + 2)))
}

export async function readCounts(
  granularity: Granularity,
  from: number,
  to: number,
  timeZone = 'UTC',
): Promise<Counts> {
  const tidemark = createTidemark({ storage: { dataDir: place.dataDir }, history: { timeZone } })
  try {
    const rows = `by=path&bucketLimit=${bucketLimitOf(granularity, from, to)}`
    const query = `granularity=${granularity}&${rows}&from=${from}&to=${to}`
    return toCounts(await ask(tidemark, query))
  } finally {
    await tidemark.close()
  }
}

export function toCounts({ buckets }: MetricsAnswer): Counts {
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
export function count(
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

export const kathmanduMs = 5.75 * hourMs
export const dayInKathmandu = (at: number): number =>
  Math.floor((at + kathmanduMs) / dayMs) * dayMs - kathmanduMs
export const hourInKathmandu = (at: number): number =>
  Math.floor((at + kathmanduMs) / hourMs) * hourMs - kathmanduMs
export const hourInUtc = (at: number): number => Math.floor(at / hourMs) * hourMs
export const dayInUtc = (at: number): number => Math.floor(at / dayMs) * dayMs
export const minuteOf = (at: number): number => Math.floor(at / minuteMs) * minuteMs

export const since = (counts: Counts, from: number): Counts =>
  new Map([...counts].filter(([at]) => at >= from).toSorted(([a], [b]) => a - b))

// A log of four months.
export const now = Date.now()
export const from = dayInKathmandu(now) - 120 * dayMs
export const log = createHistoryLog(5000, from + hourMs, now - minuteMs)
export const zone = ['--time-zone', 'Asia/Kathmandu']

/** Compares days, and the retained hours and minutes, with the independent count. */
export async function expectExact(): Promise<void> {
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

/** Takes back the last import. */
export function undo(): Promise<{ code: number }> {
  return runCommand(['import', '--undo', '--site', 'demo', '--data', place.dataDir])
}

/** Sends the start of a log to an import, and kills it when it has read nearly all of it. */
export async function killImportAfter(text: string, options: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, argumentsFor('-', options), {
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  await new Promise(resolve => child.stdin.write(text, resolve))
  child.kill('SIGKILL')
  const [, signal] = await once(child, 'exit')
  expect(signal).toBe('SIGKILL')
}
