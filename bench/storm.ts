import { createLiveClient, type LiveClient } from '@tidemark/sdk/live'
import { startServer } from './child.ts'
import { table } from './report.ts'

const readers = 1000
const downMs = 3000
const watchMs = 30_000
const slotMs = 250

/** Measures how a thousand readers spread their return after the server is killed and replaced. */
export async function benchStorm(): Promise<void> {
  const first = await startServer('tidemark')
  const requests: number[] = []
  const clients = await openClients(first.port, requests)
  await first.close()
  const diedAt = Date.now()
  await sleep(downMs)
  const second = await startServer('tidemark', { port: first.port })
  const backAt = Date.now()
  const liveAt: number[] = []
  while (Date.now() < backAt + watchMs && liveAt.length < readers) {
    const live = clients.filter(({ view }) => view.status.phase === 'live').length
    while (liveAt.length < live) liveAt.push(Date.now() - backAt)
    await sleep(50)
  }
  const perSlot = (from: number, to: number): number[] => {
    const slots = Array.from({ length: Math.ceil((to - from) / slotMs) }, () => 0)
    for (const at of requests) {
      const slot = Math.floor((at - from) / slotMs)
      if (slot in slots) slots[slot] = (slots[slot] ?? 0) + 1
    }
    return slots
  }
  const down = perSlot(diedAt, backAt)
  const up = perSlot(backAt, backAt + watchMs)
  console.log(
    table(
      `Storm: ${readers.toLocaleString('en')} readers, server down for ${downMs / 1000} s; polls and handshakes per ${slotMs} ms`,
      ['', 'peak', 'median', 'total'],
      [row('server down', down), row('server up', up)],
    ),
  )
  const seconds = (share: number): string =>
    ((liveAt[Math.floor(readers * share) - 1] ?? NaN) / 1000).toFixed(1)
  console.log(`Readers live again: 50 % after ${seconds(0.5)} s, 99 % after ${seconds(0.99)} s.\n`)
  for (const stop of stops) stop()
  await second.close()
}

const stops: (() => void)[] = []

async function openClients(port: number, requests: number[]): Promise<LiveClient[]> {
  class CountedWebSocket extends WebSocket {
    constructor(...address: ConstructorParameters<typeof WebSocket>) {
      super(...address)
      requests.push(Date.now())
    }
  }
  const clients = Array.from({ length: readers }, () =>
    createLiveClient({
      baseUrl: `http://127.0.0.1:${port}/api`,
      siteId: 'bench',
      platform: {
        WebSocket: CountedWebSocket,
        fetch(...request) {
          requests.push(Date.now())
          return fetch(...request)
        },
      },
    }),
  )
  for (const client of clients) {
    stops.push(client.subscribe(['currentVisitors'], () => {}))
    await sleep(5)
  }
  while (clients.some(({ view }) => view.status.phase !== 'live')) await sleep(100)
  return clients
}

function row(name: string, slots: readonly number[]): string[] {
  const sorted = slots.toSorted((a, b) => a - b)
  const all = slots.reduce((sum, each) => sum + each, 0)
  return [name, String(sorted.at(-1)), String(sorted[sorted.length >> 1]), String(all)]
}

function sleep(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms))
}
