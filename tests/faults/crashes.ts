import { setTimeout as sleep } from 'node:timers/promises'
import type { MetricsAnswer, Recovery } from '@tidemark/server'
import { expect } from 'vitest'
import { type ServerProcess, createTemporaryDirectory, startServer } from './server-process.ts'

const minuteMs = 60_000
const senderCount = 4
const maxEventsPerRequest = 20
/** The server may write concurrent requests together. */
const maxEventsPerWrite = senderCount * maxEventsPerRequest
/** Short enough that a kill is as likely during a checkpoint as during ingest. */
const checkpointMs = 20
/** Number of past minutes over which the events without a number are spread. */
const pastMinutes = 2600

/** A batch of numbered events, which the server must count exactly once. */
interface NumberedRequest {
  readonly body: string
  readonly events: number
}

/** Damage to the files of a stopped server. */
export interface Damage {
  /** Largest possible number of lost writes. */
  readonly lostWrites: number
  /** Whether the recovery of the next start reports the damage correctly. */
  isReported(recovery: Recovery): boolean
}

/**
 * Kills a server repeatedly, at random moments of ingest and checkpoints, and repeats unanswered requests. After every
 * start, checks that each answered event counts once.
 * @returns the number of events sent, and the number counted at the end
 * @param damage damages the files while the server is down. Only events of the lost writes may be missing. At the end,
 *   all requests are sent again, and every event must count once.
 */
export async function countAfterCrashes(
  kills: number,
  damage?: (dataDir: string) => Damage,
): Promise<{ sent: number; counted: number }> {
  const dataDir = createTemporaryDirectory()
  const unanswered = new Map<string, NumberedRequest>()
  const bodies = new Set<string>()
  const unnumbered = createUnnumberedEvents()
  let answered = 0
  let sent = 0
  let nextId = 0

  async function sendUntilKilled(server: ServerProcess, repeats: NumberedRequest[]): Promise<void> {
    const post = async (body: string): Promise<void> => {
      const answer = await fetch(`${server.api}/sites/shop/events`, { method: 'POST', body })
      expect(answer.status).toBe(202)
    }
    for (;;) {
      const request = repeats.pop() ?? createRequest(nextId++)
      const { body } = request
      if (!bodies.has(body)) sent += request.events
      bodies.add(body)
      unanswered.set(body, request)
      try {
        await post(body)
        unanswered.delete(body)
        answered += request.events
        await unnumbered.send(post)
      } catch {
        return
      }
    }
  }

  const start = (): Promise<ServerProcess> => startServer(dataDir, [], [String(checkpointMs)])
  /** Largest possible number of writes lost to damage so far. */
  let lostWrites = 0
  let isReported: Damage['isReported'] = () => true
  for (let kill = 0; kill < kills; kill++) {
    const server = await start()
    const counted = await countEvents(server)
    expect(counted).toBeGreaterThanOrEqual(answered - lostWrites * maxEventsPerWrite)
    expect(counted).toBeLessThanOrEqual(sent)
    unnumbered.check(await countByMinute(server, unnumbered.from), lostWrites * senderCount)
    expect(isReported(server.recovery)).toBe(true)
    const repeats = [...unanswered.values()]
    const sending = Promise.all(
      Array.from({ length: senderCount }, () => sendUntilKilled(server, repeats)),
    )
    // In every second round, the server answers at least one request, even on a slow machine.
    const before = answered
    while (kill % 2 === 0 && answered === before) await sleep(5)
    await sleep(20 + Math.random() * 200)
    await server.kill()
    await sending
    const applied = damage?.(dataDir)
    lostWrites += applied?.lostWrites ?? 0
    isReported = applied?.isReported ?? (() => true)
  }

  const server = await start()
  for (const body of damage ? bodies : unanswered.keys()) {
    await fetch(`${server.api}/sites/shop/events`, { method: 'POST', body })
  }
  expect(answered).toBeGreaterThan(kills)
  unnumbered.check(await countByMinute(server, unnumbered.from), lostWrites * senderCount)
  return { sent, counted: await countEvents(server) }
}

/**
 * Sends events without a number. The server cannot deduplicate them, so each one is sent only once. Only the offsets of
 * the log prevent a restart from counting them again.
 */
function createUnnumberedEvents() {
  const from = Math.floor(Date.now() / minuteMs) * minuteMs - 46 * 60 * minuteMs
  const sent = new Map<number, number>()
  let answered = 0
  let next = 0
  return {
    from,
    async send(post: (body: string) => Promise<void>): Promise<void> {
      const timestamp = from + (next++ % pastMinutes) * minuteMs
      sent.set(timestamp, (sent.get(timestamp) ?? 0) + 1)
      await post(JSON.stringify({ name: 'unnumbered', visitorId: 'visitor', timestamp }))
      answered++
    },
    /** Checks the counts per minute. @param maxLost largest number of events that damage may have removed */
    check(counts: ReadonlyMap<number, number>, maxLost: number): void {
      for (const [minute, count] of counts) expect(count).toBeLessThanOrEqual(sent.get(minute) ?? 0)
      const total = [...counts.values()].reduce((sum, count) => sum + count, 0)
      expect(total).toBeGreaterThanOrEqual(answered - maxLost)
    },
  }
}

function createRequest(id: number): NumberedRequest {
  const events = Array.from({ length: 1 + (id % maxEventsPerRequest) }, (_, index) => ({
    n: index + 1,
    name: index % 3 === 0 ? 'page_view' : `event ${index}`,
    url: `https://shop.example/${id % 50}`,
    value: index,
  }))
  const body = JSON.stringify({ client: `client ${id}`, visitorId: `visitor ${id % 100}`, events })
  return { body, events: events.length }
}

type ReadMetrics = (query: string) => Promise<MetricsAnswer>

function metricsReaderOf({ api }: ServerProcess): ReadMetrics {
  return async query => {
    const answer = await fetch(`${api}/sites/shop/metrics?${query}`)
    expect(answer.status).toBe(200)
    return JSON.parse(await answer.text())
  }
}

/** Counts the events of the last hour. Expects the same count by minute, by hour and by name. */
async function countEvents(server: ServerProcess): Promise<number> {
  const to = Date.now() + minuteMs
  const range = `from=${to - 60 * minuteMs}&to=${to}`
  const read = metricsReaderOf(server)
  const byName = await read(`${range}&by=name`)
  const byHour = await read(`${range}&granularity=hour`)
  const sum = (byName.rows ?? []).reduce((all, row) => all + ('events' in row ? row.events : 0), 0)
  expect(sum).toBe(byName.totals.events)
  expect(byHour.totals.events).toBe(byName.totals.events)
  return byName.totals.events
}

async function countByMinute(server: ServerProcess, from: number): Promise<Map<number, number>> {
  const to = from + pastMinutes * minuteMs
  const { buckets, totals } = await metricsReaderOf(server)(`from=${from}&to=${to}`)
  const byHour = await metricsReaderOf(server)(`granularity=hour&from=${from}&to=${to}`)
  expect(byHour.totals.events).toBe(totals.events)
  return new Map(buckets.map(({ at, events }) => [at, events]))
}
