import { setTimeout as sleep } from 'node:timers/promises'
import type { MetricsAnswer } from '@tidemark/server'
import { expect } from 'vitest'
import { type ServerProcess, makeDirectory, startServer } from './server-process.ts'

const minuteMs = 60_000
const senders = 4
/** So often that a kill falls into a checkpoint as easily as into ingest. */
const checkpointMs = 20

/** A request that has to be counted once, whatever becomes of the server. */
interface Request {
  readonly body: string
  readonly events: number
}

/**
 * Kills a server again and again at random moments while it is sent events and keeps checkpoints, sends
 * what was not answered again, and checks after every start that what it had answered was counted once.
 * @returns how many events were sent in all, and how many were counted in the end
 * @param damage what is done to the files while the server is dead. Some of what was answered may then be
 *   lost, so in the end everything is sent again, and has to count once.
 */
export async function surviveCrashes(
  kills: number,
  damage?: (dataDir: string) => void,
): Promise<{ sent: number; counted: number }> {
  const dataDir = makeDirectory()
  const unanswered = new Map<string, Request>()
  const bodies = new Set<string>()
  let answered = 0
  let sent = 0
  let next = 0

  async function sendUntilDead(server: ServerProcess, again: Request[]): Promise<void> {
    for (;;) {
      const request = again.pop() ?? createRequest(next++)
      const key = request.body
      if (!bodies.has(key)) sent += request.events
      bodies.add(key)
      unanswered.set(key, request)
      try {
        const answer = await fetch(`${server.api}/sites/shop/events`, { method: 'POST', body: key })
        expect(answer.status).toBe(202)
      } catch {
        return
      }
      unanswered.delete(key)
      answered += request.events
    }
  }

  const start = (): Promise<ServerProcess> => startServer(dataDir, [], [String(checkpointMs)])
  for (let kill = 0; kill < kills; kill++) {
    const server = await start()
    const counted = await countEvents(server)
    if (!damage) expect(counted).toBeGreaterThanOrEqual(answered)
    expect(counted).toBeLessThanOrEqual(sent)
    const again = [...unanswered.values()]
    const sending = Promise.all(Array.from({ length: senders }, () => sendUntilDead(server, again)))
    // Every other one lives to answer, however slow the machine is.
    const before = answered
    while (kill % 2 === 0 && answered === before) await sleep(5)
    await sleep(20 + Math.random() * 200)
    await server.kill()
    await sending
    damage?.(dataDir)
  }

  const server = await start()
  for (const body of damage ? bodies : unanswered.keys()) {
    await fetch(`${server.api}/sites/shop/events`, { method: 'POST', body })
  }
  expect(answered).toBeGreaterThan(kills)
  return { sent, counted: await countEvents(server) }
}

function createRequest(id: number): Request {
  const events = Array.from({ length: 1 + (id % 20) }, (_, index) => ({
    n: index + 1,
    name: index % 3 === 0 ? 'page_view' : `event ${index}`,
    url: `https://shop.example/${id % 50}`,
    value: index,
  }))
  const body = JSON.stringify({ client: `client ${id}`, visitorId: `visitor ${id % 100}`, events })
  return { body, events: events.length }
}

/** Events of the last hour, which have to be the same told by minutes, by hours and by name. */
async function countEvents({ api }: ServerProcess): Promise<number> {
  const to = Date.now() + minuteMs
  const from = to - 60 * minuteMs
  const read = async (query: string): Promise<MetricsAnswer> => {
    const answer = await fetch(`${api}/sites/shop/metrics?from=${from}&to=${to}&${query}`)
    return JSON.parse(await answer.text())
  }
  const byName = await read('by=name')
  const byHour = await read('granularity=hour')
  const sum = (byName.rows ?? []).reduce((all, row) => all + ('events' in row ? row.events : 0), 0)
  expect(sum).toBe(byName.totals.events)
  expect(byHour.totals.events).toBe(byName.totals.events)
  return byName.totals.events
}
