import { type ChildProcess, fork } from 'node:child_process'
import { WebSocket } from 'ws'
import { type Child, startServer } from './child.ts'
import { createRequests, sendAll } from './load.ts'
import type { QueryTimes } from './query-client.ts'
import { quantile, table } from './report.ts'

const eventsPerSecond = 100_000
const eventsInEach = 100
const seconds = 20
const connections = 32
const watchedSites = 10
/** Time between the events of one watched site: longer than a frame interval, so that each event has its own frame. */
const eventIntervalMs = 500
/** Requests in each minute of the previous hour. Each has one event of another visitor. */
const requestsPerMinute = 4000

/** Measures the latency of frames and queries at a given rate of events. */
export async function benchLatency(): Promise<void> {
  const server = await startServer('tidemark')
  const api = `http://127.0.0.1:${server.port}/api`
  const watched = Array.from({ length: watchedSites }, (_, site) => `watched${site}`)
  const queries = fork(new URL('query-client.ts', import.meta.url), [
    `${api}/sites/bench/metrics`,
    `${api}/health`,
  ])
  try {
    await fillHour(server)
    await load(server, seconds / 4)
    const rows = [
      await measure('idle', server, queries, api, watched, sleep(5000)),
      await measure(
        `at ${eventsPerSecond.toLocaleString('en')} events/s`,
        server,
        queries,
        api,
        watched,
        load(server, seconds),
      ),
    ]
    console.log(
      table(
        'Latency: from an event to its frame at a reader; a query of the last 60 minutes with 4,000 visitors each',
        ['', 'frame p50, ms', 'p99', 'query p50, ms', 'p99', '/health p50, ms', 'p99', 'CPU, %'],
        rows,
      ),
    )
  } finally {
    queries.disconnect()
    await server.close()
  }
}

let sent = 0

/** Sends the events of the previous hour, with 4,000 visitors per minute. */
async function fillHour(server: Child): Promise<void> {
  const now = Date.now()
  for (let minute = 59; minute > 0; minute--) {
    const at = now - minute * 60_000
    const made = createRequests({ requests: requestsPerMinute, events: 1, first: sent, at })
    sent += requestsPerMinute
    await sendAll(server.port, made, connections)
  }
}

async function load(server: Child, forSeconds: number): Promise<void> {
  const requests = (eventsPerSecond / eventsInEach) * forSeconds
  const made = createRequests({ requests, events: eventsInEach, first: sent })
  sent += requests
  await sendAll(server.port, made, connections, eventsPerSecond / eventsInEach)
}

async function measure(
  name: string,
  server: Child,
  queries: ChildProcess,
  api: string,
  sites: readonly string[],
  during: Promise<unknown>,
): Promise<string[]> {
  const over = new AbortController()
  await drainTimes(queries)
  const before = await server.usage()
  const startedAt = performance.now()
  const work = Promise.all(sites.map(site => watch(api, site, over.signal)))
  await during
  const after = await server.usage()
  const busy = (after.cpuMs - before.cpuMs) / (performance.now() - startedAt)
  over.abort()
  const answers = await drainTimes(queries)
  const all = (await work).flat()
  return [
    name,
    quantile(all, 0.5, 1),
    quantile(all, 0.99, 1),
    quantile(answers.metrics, 0.5, 1),
    quantile(answers.metrics, 0.99, 1),
    quantile(answers.health, 0.5, 1),
    quantile(answers.health, 0.99, 1),
    String(Math.round(busy * 100)),
  ]
}

/** Sends events at intervals and measures the time until a reader receives each of them, in milliseconds. */
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
    for (const [count, sentAt] of waiting) {
      if (!text.includes(count)) continue
      times.push(performance.now() - sentAt)
      waiting.delete(count)
    }
  })
  socket.send(JSON.stringify({ type: 'sub', channels: ['recentEvents'] }))
  await sleep(Math.random() * eventIntervalMs)
  for (let probe = 0; !over.aborted; probe++) {
    const event = { name: `probe ${probe}.`, visitorId: 'probe', url: 'https://shop.example/' }
    waiting.set(event.name, performance.now())
    const init = { method: 'POST', body: JSON.stringify(event) }
    await fetch(`${api}/sites/${site}/events`, init).then(answer => answer.arrayBuffer())
    await sleep(eventIntervalMs)
  }
  socket.terminate()
  return times
}

function drainTimes(queries: ChildProcess): Promise<QueryTimes> {
  return new Promise(resolve => {
    queries.once('message', times => resolve(times as QueryTimes))
    queries.send('drain')
  })
}

function sleep(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms))
}
