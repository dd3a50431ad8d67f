import { setTimeout as sleep } from 'node:timers/promises'
import type { MetricsAnswer, Recovery } from '@tidemark/server'
import { expect } from 'vitest'
import { type ServerProcess, createTemporaryDirectory, startServer } from './server-process.ts'

const minuteMs = 60_000
const senders = 4
const maxEventsOfRequest = 20
/** Requests that come together are one write. */
const maxEventsOfWrite = senders * maxEventsOfRequest
/** So often that a kill falls into a checkpoint as easily as into ingest. */
const checkpointMs = 20
/** Minutes of the past that events without a number have, one after the other. */
const pastMinutes = 2600

/** A request that has to be counted once, whatever becomes of the server. */
interface NumberedRequest {
  readonly body: string
  readonly events: number
}

/** What was done to the files of a server that is dead. */
export interface Damage {
  /** Writes that are gone with it, at most. */
  readonly lostWrites: number
  /** Whether the next start has to say so. */
  isReported(recovery: Recovery): boolean
}

/**
 * Kills a server again and again at random moments while it is sent events and keeps checkpoints, sends
 * what was not answered again, and checks after every start that what it had answered was counted once.
 * @returns how many events were sent in all, and how many were counted in the end
 * @param damage what is done to the files while the server is dead. What is lost then is no more than what was in
 *   the writes that are gone, and in the end everything is sent again, and has to count once.
 */
export async function countAfterCrashes(
  kills: number,
  damage?: (dataDir: string) => Damage,
): Promise<{ sent: number; counted: number }> {
  const dataDir = createTemporaryDirectory()
  const unanswered = new Map<string, NumberedRequest>()
  const bodies = new Set<string>()
  const unnumbered = createUnnumbered()
  let answered = 0
  let sent = 0
  let next = 0

  async function sendUntilDead(server: ServerProcess, again: NumberedRequest[]): Promise<void> {
    const post = async (body: string): Promise<void> => {
      const answer = await fetch(`${server.api}/sites/shop/events`, { method: 'POST', body })
      expect(answer.status).toBe(202)
    }
    for (;;) {
      const request = again.pop() ?? createRequest(next++)
      const key = request.body
      if (!bodies.has(key)) sent += request.events
      bodies.add(key)
      unanswered.set(key, request)
      try {
        await post(key)
        unanswered.delete(key)
        answered += request.events
        await unnumbered.send(post)
      } catch {
        return
      }
    }
  }

  const start = (): Promise<ServerProcess> => startServer(dataDir, [], [String(checkpointMs)])
  /** Writes that damage has cost, so far. */
  let lostWrites = 0
  let isTold: Damage['isReported'] = () => true
  for (let kill = 0; kill < kills; kill++) {
    const server = await start()
    const counted = await countEvents(server)
    expect(counted).toBeGreaterThanOrEqual(answered - lostWrites * maxEventsOfWrite)
    expect(counted).toBeLessThanOrEqual(sent)
    unnumbered.check(await countByMinute(server, unnumbered.from), lostWrites * senders)
    expect(isTold(server.recovery)).toBe(true)
    const again = [...unanswered.values()]
    const sending = Promise.all(Array.from({ length: senders }, () => sendUntilDead(server, again)))
    // Every other one lives to answer, however slow the machine is.
    const before = answered
    while (kill % 2 === 0 && answered === before) await sleep(5)
    await sleep(20 + Math.random() * 200)
    await server.kill()
    await sending
    const harm = damage?.(dataDir)
    lostWrites += harm?.lostWrites ?? 0
    isTold = harm?.isReported ?? (() => true)
  }

  const server = await start()
  for (const body of damage ? bodies : unanswered.keys()) {
    await fetch(`${server.api}/sites/shop/events`, { method: 'POST', body })
  }
  expect(answered).toBeGreaterThan(kills)
  unnumbered.check(await countByMinute(server, unnumbered.from), lostWrites * senders)
  return { sent, counted: await countEvents(server) }
}

/**
 * Events that nobody can tell from their repetitions, so that each is sent once, and counted once where it was
 * answered: nothing but the log's own offsets keeps a start from counting them again.
 */
function createUnnumbered() {
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
    /** @param lost how many may be gone */
    check(counts: ReadonlyMap<number, number>, lost: number): void {
      for (const [minute, count] of counts) expect(count).toBeLessThanOrEqual(sent.get(minute) ?? 0)
      const all = [...counts.values()].reduce((sum, count) => sum + count, 0)
      expect(all).toBeGreaterThanOrEqual(answered - lost)
    },
  }
}

function createRequest(id: number): NumberedRequest {
  const events = Array.from({ length: 1 + (id % maxEventsOfRequest) }, (_, index) => ({
    n: index + 1,
    name: index % 3 === 0 ? 'page_view' : `event ${index}`,
    url: `https://shop.example/${id % 50}`,
    value: index,
  }))
  const body = JSON.stringify({ client: `client ${id}`, visitorId: `visitor ${id % 100}`, events })
  return { body, events: events.length }
}

type Read = (query: string) => Promise<MetricsAnswer>

function readerOf({ api }: ServerProcess): Read {
  return async query => {
    const answer = await fetch(`${api}/sites/shop/metrics?${query}`)
    expect(answer.status).toBe(200)
    return JSON.parse(await answer.text())
  }
}

/** Events of the last hour, which have to be the same told by minutes, by hours and by name. */
async function countEvents(server: ServerProcess): Promise<number> {
  const to = Date.now() + minuteMs
  const range = `from=${to - 60 * minuteMs}&to=${to}`
  const read = readerOf(server)
  const byName = await read(`${range}&by=name`)
  const byHour = await read(`${range}&granularity=hour`)
  const sum = (byName.rows ?? []).reduce((all, row) => all + ('events' in row ? row.events : 0), 0)
  expect(sum).toBe(byName.totals.events)
  expect(byHour.totals.events).toBe(byName.totals.events)
  return byName.totals.events
}

async function countByMinute(server: ServerProcess, from: number): Promise<Map<number, number>> {
  const to = from + pastMinutes * minuteMs
  const { buckets, totals } = await readerOf(server)(`from=${from}&to=${to}`)
  const byHour = await readerOf(server)(`granularity=hour&from=${from}&to=${to}`)
  expect(byHour.totals.events).toBe(totals.events)
  return new Map(buckets.map(({ at, events }) => [at, events]))
}
