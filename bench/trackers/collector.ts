import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import { type SentRequest, valuesOf } from './payload.ts'
import type { Answer, Tracker } from './tracker.ts'

/** Delay of each answer, in milliseconds: the round trip to a server some hundred kilometers away. */
export const answerDelayMs = 50

/** Time for which browsers may keep the answer to a preflight, in seconds. */
export const preflightMaxAgeSeconds = 3600

/** A server that answers as a tracker expects and records what it receives. It can be down. */
export interface Collector {
  readonly url: string
  /** Requests whose body has arrived, without preflights. */
  readonly requests: readonly SentRequest[]
  /** Number of preflights. */
  readonly preflights: number
  /** Time of the last request, in milliseconds since 1970. */
  readonly lastRequestAt: number
  /** Counts how often each of these events has been received. */
  count(names: readonly string[]): Map<string, number>
  /** Refuses connections and cuts the open ones. */
  stop(): Promise<void>
  /** Listens again on the same port. */
  start(): Promise<void>
}

/** @param findFile returns a JavaScript file that the tracker loads from its server */
export async function startCollector(
  tracker: Tracker,
  findFile: (path: string) => Promise<Buffer | undefined>,
): Promise<Collector> {
  const requests: SentRequest[] = []
  let preflights = 0
  let lastRequestAt = 0
  let server: Server | undefined
  let port = 0

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://stats.localhost')
    const body = await buffer(request)
    lastRequestAt = Date.now()
    allowOrigin(request, response)
    const isPreflight = request.method === 'OPTIONS'
    const file = isPreflight ? undefined : await findFile(url.pathname)
    if (isPreflight) preflights += 1
    else if (!file) requests.push({ url, body })
    await delay(answerDelayMs)
    if (file) send(response, { body: file.toString('utf8'), type: 'text/javascript' })
    else if (isPreflight) send(response, { status: 204 })
    else send(response, typeof tracker.answer === 'function' ? tracker.answer(url) : tracker.answer)
  }

  async function start(): Promise<void> {
    const next = createServer((request, response) => {
      // A request that the browser or an outage cuts off has no answer.
      answer(request, response).catch(() => response.destroy())
    })
    await new Promise<void>((resolve, reject) => {
      next.once('error', reject).listen(port, '127.0.0.1', resolve)
    })
    const address = next.address()
    if (typeof address === 'object' && address) port = address.port
    server = next
  }

  await start()
  return {
    url: `http://stats.localhost:${port}`,
    requests,
    get preflights() {
      return preflights
    },
    get lastRequestAt() {
      return lastRequestAt
    },
    count(names) {
      const counts = new Map(names.map(name => [name, 0]))
      for (const request of requests)
        for (const name of valuesOf(request, tracker.nameKey)) {
          const count = counts.get(name)
          if (count !== undefined) counts.set(name, count + 1)
        }
      return counts
    },
    start,
    async stop() {
      const closing = server
      await new Promise<void>(resolve => {
        if (!closing) return resolve()
        closing.close(() => resolve())
        closing.closeAllConnections()
      })
    },
  }
}

function allowOrigin({ headers }: IncomingMessage, response: ServerResponse): void {
  response.setHeader('Access-Control-Allow-Origin', headers.origin ?? '*')
  response.setHeader('Access-Control-Allow-Credentials', 'true')
  response.setHeader(
    'Access-Control-Allow-Headers',
    headers['access-control-request-headers'] ?? '*',
  )
  response.setHeader('Access-Control-Allow-Methods', 'GET, POST')
  response.setHeader('Access-Control-Max-Age', String(preflightMaxAgeSeconds))
  response.setHeader('Vary', 'Origin')
}

function send(response: ServerResponse, { status = 200, body, type }: Answer): void {
  if (type) response.setHeader('Content-Type', type)
  response.writeHead(status).end(body)
}
