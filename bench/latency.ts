import { WebSocket } from 'ws'
import { type Child, startServer } from './child.ts'
import { makeRequests, sendAll } from './load.ts'
import { table } from './report.ts'

const eventsPerSecond = 100_000
const eventsInEach = 100
const seconds = 20
const connections = 32
const watchedSites = 10
/** Between the events of one watched site: longer than a tick, so that each has a frame of its own. */
const markEveryMs = 500
const queryEveryMs = 50

/** How long frames and queries take while events come at a rate. */
export async function benchLatency(): Promise<void> {
  const server = await startServer('tidemark')
  const api = `http://127.0.0.1:${server.port}/api`
  const watched = Array.from({ length: watchedSites }, (_, site) => `watched${site}`)
  try {
    await load(server, seconds / 4)
    const rows = [
      await measure('at rest', server, api, watched, new Promise(done => setTimeout(done, 5000))),
      await measure(
        `at ${eventsPerSecond.toLocaleString('en')} events/s`,
        server,
        api,
        watched,
        load(server, seconds),
      ),
    ]
    console.log(
      table(
        'Latency: from the request of an event to its frame at a reader, and of a 60-minute query by minutes',
        ['', 'frame p50, ms', 'p99', 'query p50, ms', 'p99', 'processor busy, %'],
        rows,
      ),
    )
  } finally {
    await server.close()
  }
}

let sent = 0

async function load(server: Child, forSeconds: number): Promise<void> {
  const requests = (eventsPerSecond / eventsInEach) * forSeconds
  const made = makeRequests({ requests, events: eventsInEach, first: sent })
  sent += requests
  await sendAll(server.port, made, connections, eventsPerSecond / eventsInEach)
}

async function measure(
  name: string,
  server: Child,
  api: string,
  sites: readonly string[],
  during: Promise<unknown>,
): Promise<string[]> {
  const over = new AbortController()
  const before = await server.usage()
  const startedAt = performance.now()
  const work = [
    Promise.all(sites.map(site => watch(api, site, over.signal))),
    query(api, over.signal),
  ] as const
  await during
  const after = await server.usage()
  const busy = (after.cpuMs - before.cpuMs) / (performance.now() - startedAt)
  over.abort()
  const [frames, queries] = await Promise.all(work)
  const all = frames.flat()
  return [
    name,
    quantile(all, 0.5),
    quantile(all, 0.99),
    quantile(queries, 0.5),
    quantile(queries, 0.99),
    String(Math.round(busy * 100)),
  ]
}

/** Sends an event now and then, and takes the time until a reader has it. */
async function watch(api: string, site: string, over: AbortSignal): Promise<number[]> {
  const times: number[] = []
  const socket = new WebSocket(`${api.replace('http', 'ws')}/sites/${site}/realtime/ws`)
  await new Promise((resolve, reject) => {
    socket.once('open', resolve)
    socket.once('error', reject)
  })
  const waiting = new Map<string, number>()
  socket.on('message', data => {
    if (!Buffer.isBuffer(data)) return
    const text = data.toString()
    for (const [mark, sentAt] of waiting) {
      if (!text.includes(mark)) continue
      times.push(performance.now() - sentAt)
      waiting.delete(mark)
    }
  })
  socket.send(JSON.stringify({ type: 'sub', channels: ['recentEvents'] }))
  await sleep(Math.random() * markEveryMs)
  for (let mark = 0; !over.aborted; mark++) {
    const event = { name: `mark ${mark}.`, url: 'https://shop.example/' }
    waiting.set(event.name, performance.now())
    const init = { method: 'POST', body: JSON.stringify(event) }
    await fetch(`${api}/sites/${site}/events`, init).then(answer => answer.arrayBuffer())
    await sleep(markEveryMs)
  }
  socket.terminate()
  return times
}

async function query(api: string, over: AbortSignal): Promise<number[]> {
  const times: number[] = []
  while (!over.aborted) {
    const to = Date.now()
    const range = `from=${to - 3_600_000}&to=${to}&granularity=minute`
    const startedAt = performance.now()
    await fetch(`${api}/sites/bench/metrics?${range}`).then(answer => answer.arrayBuffer())
    times.push(performance.now() - startedAt)
    await sleep(queryEveryMs)
  }
  return times
}

function quantile(values: readonly number[], q: number): string {
  const sorted = values.toSorted((a, b) => a - b)
  return (sorted[Math.floor(sorted.length * q)] ?? NaN).toFixed(1)
}

function sleep(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms))
}
