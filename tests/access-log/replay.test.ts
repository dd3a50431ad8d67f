import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { type MetricsAnswer, type Tidemark, createTidemark } from '@tidemark/server'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startFlakyProxy } from './flaky-proxy.ts'
import { hasRealLog, noRealLog, readRealViews, realLog, realStart } from './real-log.ts'
import { createSyntheticLog } from './synthetic-log.ts'

/**
 * Replays access logs with the real command line to a real server, and compares its page views by path and minute with
 * an independent count that shares no code with them.
 */

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const timeoutMs = 60_000

const cli = fileURLToPath(new URL('../../packages/server/src/cli.ts', import.meta.url))

let directory = ''
let server: Tidemark
let url = ''
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tidemark-replay-'))
  server = createTidemark({ sites: ['demo'] })
  url = (await server.listen({ port: 0 })).url
})
afterEach(async () => {
  await server.close()
  await rm(directory, { recursive: true })
})

interface Replayed {
  pageViews: number
  accepted: number
  unparsedLines: number
  retries: number
}

async function replay(file: string, at: number, speed: number, to = url): Promise<Replayed> {
  const words = ['--site', 'demo', '--speed', String(speed), '--at', String(at), '--json']
  const run = promisify(execFile)(process.execPath, [
    cli,
    'replay',
    file,
    ...words,
    '--url',
    `${to}/api`,
  ])
  return JSON.parse((await run).stdout)
}

/** Reads page views as `minute path` → count, from two minutes before `at` to now. */
async function readCounts(at: number): Promise<Map<string, number>> {
  const counts = new Map<string, number>()
  const buckets: MetricsAnswer['buckets'] = []
  for (let from = at - 2 * minuteMs; from < Date.now() + minuteMs; from += 100 * minuteMs) {
    const query = `from=${from}&to=${from + 100 * minuteMs}&granularity=minute&by=path&bucketLimit=400`
    const response = await fetch(`${url}/api/sites/demo/metrics?${query}`)
    const answer: MetricsAnswer = JSON.parse(await response.text())
    // A range is widened to whole minutes.
    buckets.push(...answer.buckets.filter(bucket => bucket.at > (buckets.at(-1)?.at ?? 0)))
  }
  for (const bucket of buckets) {
    let sum = 0
    for (const row of bucket.rows ?? []) {
      if (!('path' in row)) throw new Error('A row has no path.')
      counts.set(`${bucket.at} ${row.path}`, row.pageViews)
      sum += row.pageViews
    }
    expect(sum).toBe(bucket.pageViews)
  }
  return counts
}

/** Reads the events of bots, from two minutes before `at` to now. */
async function countBots(at: number): Promise<number> {
  const query = `from=${at - 2 * minuteMs}&to=${Date.now() + minuteMs}`
  const response = await fetch(`${url}/api/sites/demo/metrics?${query}`)
  const answer: MetricsAnswer = JSON.parse(await response.text())
  return answer.totals.botEvents
}

/** Counts each view independently, in the minute of its shifted time. */
function countViews(
  views: readonly { path: string; at: number }[],
  shift: (at: number) => number,
): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { path, at } of views) {
    const key = `${Math.floor(shift(at) / minuteMs) * minuteMs} ${path}`
    counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  return counts
}

describe('tidemark replay: a synthetic log', () => {
  const log = createSyntheticLog(3000)
  const speed = 2
  const at = Date.now() - 30 * hourMs
  const expected = countViews(log.pageViews, time => at + (time - log.t0) / speed)

  async function logFile(): Promise<string> {
    const file = join(directory, 'access.log')
    const middle = Math.floor(log.text.length / 2)
    const members = [log.text.slice(0, middle), log.text.slice(middle)].map(text => gzipSync(text))
    await writeFile(file, Buffer.concat(members))
    return file
  }

  it('counts exactly by path and minute', { timeout: timeoutMs }, async () => {
    const { length } = log.pageViews
    expect(length).toBeGreaterThan(1500)
    const result = await replay(await logFile(), at, speed)
    expect(result).toMatchObject({ lines: log.lines, pageViews: length, accepted: length })
    expect(await readCounts(at)).toEqual(expected)
  })

  it(
    'counts exactly when responses are lost and requests are refused',
    { timeout: timeoutMs },
    async () => {
      const proxy = await startFlakyProxy(url)
      const result = await replay(await logFile(), at, speed, proxy.url)
      proxy.close()
      expect(Math.min(proxy.lostResponses, proxy.refused)).toBeGreaterThan(10)
      expect(result.retries).toBe(proxy.lostResponses + proxy.refused)
      expect(result.accepted).toBe(log.pageViews.length)
      expect(await readCounts(at)).toEqual(expected)
    },
  )
})

describe("tidemark replay: a real server's log", () => {
  it.for([
    { connection: 'directly', isFlaky: false },
    { connection: 'through a flaky proxy', isFlaky: true },
  ])('counts exactly $connection', { timeout: timeoutMs }, async ({ isFlaky }, { skip }) => {
    skip(!hasRealLog, noRealLog)
    const speed = 2
    const at = Date.now() - 43 * hourMs
    const views = await readRealViews()
    const proxy = isFlaky ? await startFlakyProxy(url) : undefined
    const result = await replay(realLog, at, speed, proxy?.url)
    proxy?.close()
    expect(views).toHaveLength(2874)
    expect(result).toMatchObject({
      lines: 10_000,
      pageViews: 2874,
      accepted: 2874,
      unparsedLines: 1,
    })
    expect(result.retries > 0).toBe(isFlaky)
    const people = views.filter(({ isBot }) => !isBot)
    expect(await readCounts(at)).toEqual(
      countViews(people, time => at + (time - realStart) / speed),
    )
    expect(await countBots(at)).toBe(views.length - people.length)
  })
})
