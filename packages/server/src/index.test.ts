import { createHash } from 'node:crypto'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, it, onTestFinished } from 'vitest'
import type { Problem } from '@tidemark/protocol'
import {
  LogUnavailableError,
  type MetricsAnswer,
  type HistoryOptions,
  createTidemark,
} from './index.ts'
import { readBlock, decompress } from './log/block.ts'
import type { LogRecord } from './log/log.ts'
import { createSqliteLog } from './log/sqlite.ts'
import type { Decision } from './ingest/decide.ts'
import { createManualClock } from './testing/clock.ts'
import { makeDirectory } from './testing/directory.ts'
import { createTestServer } from './testing/server.ts'
import { type Tidemark, composeTidemark } from './tidemark.ts'
import { senderFacts } from './testing/sender-facts.ts'

/** Creates a directory with a log that takes several slices to recover. */
async function makeLog(records: number): Promise<string> {
  const dataDir = makeDirectory()
  const clock = createManualClock()
  const log = createSqliteLog({ path: join(dataDir, 'tidemark.db'), now: clock.now() })
  const decision = JSON.stringify({
    ...senderFacts(),
    ...{ visitor: '~v', skewMs: 0, rejected: [] },
  } satisfies Decision)
  const record = { site: 'shop', receivedAt: clock.now(), body: '{"name":"page_view"}', decision }
  await Promise.all(Array.from({ length: records }, () => log.append(record)))
  await log.close()
  return dataDir
}

it('createTidemark: lets requests wait for the recovery, and resolves `ready` with its result', async () => {
  const { tidemark, read } = createTestServer({ storage: { dataDir: await makeLog(1300) } })
  expect(await read()).toMatchObject({ pageViews: 1300, currentVisitors: 1 })
  expect(await tidemark.ready).toMatchObject({ records: 1300, events: 1300 })
})

it('createTidemark: can be closed during the recovery', async () => {
  const dataDir = await makeLog(1300)
  const tidemark = createTidemark({ storage: { dataDir }, clock: createManualClock() })
  await tidemark.close()
  const again = createTestServer({ storage: { dataDir } })
  expect(await again.read('?minutes=60')).toMatchObject({ pageViews: 1300 })
})

it('createTidemark: rejects a directory that another process has open', () => {
  const dataDir = makeDirectory()
  createTestServer({ storage: { dataDir } })
  expect(() => createTidemark({ storage: { dataDir } })).toThrow(LogUnavailableError)
  expect(() => createTidemark({ storage: { dataDir } })).toThrow('another process has it open')
})

it('createTidemark: rejects invalid options before it opens the log', () => {
  const dataDir = makeDirectory()
  expect(() => createTidemark({ storage: { dataDir }, proxy: { trusted: ['the proxy'] } })).toThrow(
    TypeError,
  )
  createTestServer({ storage: { dataDir } })
})

it('createTidemark: stores history settings and applies them after a restart without options', async () => {
  const dataDir = makeDirectory()
  const sixHoursAgo = (now: number): number => now - 6 * 3_600_000
  async function historyOf(history: HistoryOptions) {
    const { tidemark, send, clock } = createTestServer({ storage: { dataDir }, history })
    const at = clock.now()
    await send({
      visitorId: `v${Math.random()}`,
      events: [40, 20, 0].map(minutes => ({ name: 'page_view', timestamp: at - minutes * 60_000 })),
    })
    const ask = async (query: string): Promise<Record<string, unknown>> => {
      const url = `http://localhost/api/sites/shop/metrics?${query}`
      return JSON.parse(await (await tidemark.fetch(new Request(url))).text())
    }
    const { totals } = await ask('granularity=hour')
    const { code } = await ask(`from=${sixHoursAgo(at)}&to=${at}`)
    await tidemark.close()
    return { totals, code }
  }
  const options = { sessionGapMs: 15 * 60_000, retentionMs: { minute: 3 * 3_600_000 } }
  expect(await historyOf(options)).toMatchObject({ totals: { sessions: 3 }, code: 'query_invalid' })
  expect(await historyOf({})).toMatchObject({ totals: { sessions: 6 }, code: 'query_invalid' })
  const asUsual = { sessionGapMs: 30 * 60_000, retentionMs: { minute: 48 * 3_600_000 } }
  expect(await historyOf(asUsual)).toMatchObject({ totals: { sessions: 7 }, code: undefined })
})

it('createTidemark: reports expired minutes as unavailable, also after a longer retention', async () => {
  const dataDir = makeDirectory()
  const hourMs = 3_600_000
  const start = createManualClock().now()
  const send = async (at: number): Promise<void> => {
    const server = createTidemark({
      storage: { dataDir },
      clock: createManualClock(at),
      history: { retentionMs: { minute: 3 * hourMs } },
    })
    const body = JSON.stringify({ name: 'page_view' })
    const url = 'http://localhost/api/sites/shop/events'
    expect((await server.fetch(new Request(url, { method: 'POST', body }))).status).toBe(202)
    await server.close()
  }
  await send(start)
  await send(start + 7 * hourMs)
  await send(start + 8 * hourMs)
  // The second start removed minutes before the third hour. The third start had none to remove.
  const clock = createManualClock(start + 9 * hourMs)
  const { ask } = createTestServer({
    storage: { dataDir },
    clock,
    history: { retentionMs: { minute: 48 * hourMs } },
  })
  const metrics = async (query: string): Promise<MetricsAnswer & Problem> => {
    const answer = await ask(`/api/sites/shop/metrics?${query}`)
    return JSON.parse(await answer.text())
  }
  const from = (hours: number): string => `from=${start + hours * hourMs}`
  const expired = await metrics(from(2.5))
  expect(expired.code).toBe('query_invalid')
  expect(expired.detail).toContain('use granularity=hour')
  expect((await metrics(from(3))).totals.events).toBe(2)
  expect((await metrics(`granularity=hour&${from(0)}`)).totals.events).toBe(3)
  const before = `${from(4)}&to=${start + 8 * hourMs}&compare=previous`
  expect(await metrics(before)).toMatchObject({
    totals: { events: 1 },
    previous: { totals: { events: 1 } },
  })
  const uneven = `from=${start + 4.5 * hourMs}&to=${start + 8 * hourMs}&compare=previous`
  expect((await metrics(uneven)).code).toBe('query_invalid')
})

it('createTidemark: writes no secret part of a URL to the disk', async () => {
  const dataDir = makeDirectory()
  const { send, read } = createTestServer({ storage: { dataDir } })
  const url = 'https://me:SECRET@shop.example/reset?token=SECRET&utm_source=news#token=SECRET'
  const referrer = 'https://webmail.shop.example/inbox/SECRET?q=SECRET'
  await send({ url, referrer, events: [{ name: 'page_view' }, { name: 'reset', url, referrer }] })
  expect(await read()).toMatchObject({ pageViews: 1 })
  const files = readdirSync(dataDir, { withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(({ name }) => readFileSync(join(dataDir, name), 'latin1'))
  const records = JSON.stringify(readRecords(dataDir))
  expect(records).toContain('https://shop.example/reset?utm_source=news')
  expect(records + files.join('')).not.toContain('SECRET')
})

it('createTidemark: serves the tag of an earlier version after an upgrade', async () => {
  const dataDir = makeDirectory()
  const open = (text: string): Tidemark =>
    composeTidemark({ storage: { dataDir } }, async name => `${name} ${text}`)
  const tag = { site: 'shop', url: 'http://stats.example' }
  const before = open('first')
  const [, src = '', integrity] =
    /src="([^"]+)" data-site="shop" integrity="([^"]+)" crossorigin/.exec(
      (await before.scriptTag(tag)) ?? '',
    ) ?? []
  await before.close()
  const after = open('second')
  onTestFinished(() => after.close())
  expect(await after.scriptTag(tag)).not.toContain(src)
  const script = await after.fetch(new Request(src))
  const text = await script.text()
  expect(text).toBe('tidemark.js first')
  expect(`sha384-${createHash('sha384').update(text).digest('base64')}`).toBe(integrity)
  const extra = await after.fetch(new Request(src.replace('.js', '.extra.js')))
  expect(await extra.text()).toBe('tidemark.extra.js first')
  const plain = await after.fetch(new Request('http://stats.example/tidemark.js'))
  expect(await plain.text()).toBe('tidemark.js second')
})

/** Returns the records of the log, unpacked. */
function readRecords(dataDir: string): LogRecord[] {
  const database = new DatabaseSync(join(dataDir, 'tidemark.db'), { readOnly: true })
  onTestFinished(() => database.close())
  const rows = database.prepare('SELECT records FROM block').all()
  return rows.flatMap(row => [...readBlock(decompress(row['records'] as Uint8Array))])
}
