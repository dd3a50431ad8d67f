import {
  type BatchVerdict,
  type Selection,
  type State,
  type TrackedEvent,
  channelNames,
  closeCodes,
} from '@tidemark/protocol'
import { type LiveClient, type StreamingTransport, createLiveClient } from '@tidemark/sdk/live'
import type { Hono } from 'hono'
import { createApp } from '../../packages/server/src/app.ts'
import { type Clock, createSystemClock } from '../../packages/server/src/shared/clock.ts'
import { createSettings } from '../../packages/server/src/settings.ts'
import { createAuthorizer } from '../../packages/server/src/guard/authorizer.ts'
import { createProxies } from '../../packages/server/src/routes/proxies.ts'
import { createVisitorIds } from '../../packages/server/src/ingest/visitor.ts'
import { openConnection } from '../../packages/server/src/live/connection.ts'
import { type Connections, createConnections } from '../../packages/server/src/live/connections.ts'
import type { Log } from '../../packages/server/src/log/log.ts'
import { createMemoryLog } from '../../packages/server/src/log/memory.ts'
import { type Sites, createSites } from '../../packages/server/src/sites/sites.ts'
import { createSeededRandom } from '../../packages/sdk/src/live/testing/random.ts'
import { pageGoal } from './model.ts'
import { loadTransports } from '../../packages/sdk/src/live/transports/open-transport.ts'
import { type SimulatedStream, simulateStream } from './simulated-event-stream.ts'
import { type SimulatedSocket, createSocketClass } from './simulated-socket.ts'

// So that simulated time does not wait for a file.
await loadTransports()

const siteId = 'shop'
const allChannels: Selection = {
  channels: channelNames,
  minutes: 5,
  paths: ['/0', '/none'],
  properties: [{ event: 'page_view', property: 'kind' }],
}
const siteUrl = `http://server.test/sites/${siteId}`

/** Network between the readers and the server, with its faults. */
export interface SimulatedNetwork {
  /** Whether every request fails. */
  isCut: boolean
  /** Whether WebSocket handshakes fail. */
  blocksWebSockets: boolean
  /** Whether a proxy buffers event streams, so that they never arrive. */
  blocksStreams: boolean
  /** Time after which a proxy answers an open request with 504, in milliseconds. */
  maxRequestMs: number
  /** Whether a cache answers each request with its previous answer. */
  servesStalePolls: boolean
  latencyMs: number
}

/** A network without faults. */
export const healthyNetwork: Readonly<SimulatedNetwork> = {
  isCut: false,
  blocksWebSockets: false,
  blocksStreams: false,
  maxRequestMs: 60_000,
  servesStalePolls: false,
  latencyMs: 5,
}

/**
 * A server with its log, a network with faults, and live clients. Both sides run their real code; only sockets and
 * time are simulated. The time is vitest's fake time.
 */
export class SimulatedSystem {
  readonly network: SimulatedNetwork = { ...healthyNetwork }
  /** All published states, by cursor and channel. */
  readonly published = new Map<string, ReadonlyMap<string, unknown>>()
  private readonly clock: Clock = createSystemClock()
  private readonly random: () => number
  private readonly log: Log
  private readonly sockets = new Set<SimulatedSocket>()
  private readonly streams = new Set<SimulatedStream>()
  private connections: Connections = createConnections(undefined, this.clock)
  private sites!: Sites
  private app!: Hono
  private readonly lastResponses = new Map<string, { text: string; headers: Headers }>()

  private constructor(seed: number) {
    this.random = createSeededRandom(seed)
    this.log = createMemoryLog({ now: this.clock.now() })
  }

  /** @param seed seeds the random numbers of both sides */
  static async open(seed: number): Promise<SimulatedSystem> {
    const system = new SimulatedSystem(seed)
    await system.start()
    return system
  }

  /** Terminates the server and its connections, and starts another server on the same log. */
  async restart(): Promise<void> {
    await this.sites.close()
    for (const socket of [...this.sockets]) socket.disconnect(1006)
    for (const stream of [...this.streams]) stream.disconnect()
    await this.start()
  }

  /** Creates a live client on the simulated network. */
  createReader(transports?: readonly StreamingTransport[]): LiveClient {
    return createLiveClient({
      baseUrl: 'http://server.test',
      siteId,
      pollIntervalMs: 1000,
      ...(transports && { transports }),
      platform: {
        fetch: this.fetch,
        WebSocket: this.socketClass(),
        random: this.random,
        page: undefined,
      },
    })
  }

  /** Sends events as a tracker does. @returns `undefined` without an answer; the server may have accepted the events */
  async send(
    client: string,
    events: TrackedEvent[],
    losesAnswer = false,
  ): Promise<BatchVerdict | undefined> {
    if (this.network.isCut) return undefined
    const body = JSON.stringify({ client, sentAt: Date.now(), events })
    const answer = await this.app.request(`${siteUrl}/events`, { method: 'POST', body })
    return losesAnswer ? undefined : await answer.json()
  }

  /** Makes all open connections half-open: they carry nothing more, and neither end notices. */
  silenceConnections(): void {
    for (const socket of this.sockets) socket.silence()
    for (const stream of this.streams) stream.silence()
  }

  /** Makes the server disconnect all readers, with a retry delay below five seconds. */
  disconnectReaders(): void {
    this.connections.limiter.disconnectAll(closeCodes.draining, () =>
      Math.floor(this.random() * 5000),
    )
  }

  loseMessages(count: number): void {
    for (const socket of this.sockets) socket.dropMessages(count)
    for (const stream of this.streams) stream.dropMessages(count)
  }

  /** Reads the current state from the server. */
  snapshot(selection: Selection): { cursor: string; state: State } {
    const site = this.sites.open(siteId)
    if (!site) throw new Error(`The site '${siteId}' does not exist.`)
    const {
      cursor,
      at: _at,
      windowMinutes: _minutes,
      ...state
    } = JSON.parse(site.streams.of(0).snapshotOf(selection))
    return { cursor, state }
  }

  async close(): Promise<void> {
    for (const socket of [...this.sockets]) socket.disconnect(1006)
    for (const stream of [...this.streams]) stream.disconnect()
    await this.sites.close()
  }

  private async start(): Promise<void> {
    const { clock } = this
    const onError = (error: unknown): never => {
      throw error
    }
    const log: Log = { ...this.log, epoch: clock.now() }
    const sites = createSites({ log, clock })
    await sites.recover()
    this.sites = sites
    this.connections = createConnections(undefined, clock, this.random)
    const settings = createSettings({ goals: [pageGoal] }, { clock, onError })
    this.app = createApp({
      sites,
      clock,
      ready: Promise.resolve(),
      settings: { current: settings },
      authorize: createAuthorizer(() => settings.access),
      proxies: createProxies(),
      visitorOf: createVisitorIds(log.settings),
      connections: this.connections,
      // The simulation provides the sockets.
      websockets: { messageSocketOf: () => undefined },
      scripts: { find: () => Promise.resolve(undefined) },
      reporter: { report: onError, refused() {} },
    })
    this.recordPublished()
    sites
      .open(siteId)
      ?.streams.of(0)
      .subscribe(allChannels, () => this.recordPublished())
  }

  private recordPublished(): void {
    const { cursor, state } = this.snapshot(allChannels)
    this.published.set(cursor, new Map(Object.entries(state)))
  }

  private readonly fetch: typeof globalThis.fetch = async (input, init) => {
    await this.delay(init?.signal ?? undefined)
    if (this.network.isCut) throw new TypeError('fetch failed')
    const url = String(input)
    const last = this.lastResponses.get(url)
    if (this.network.servesStalePolls && last)
      return new Response(last.text, { headers: last.headers })
    if (this.network.blocksStreams && url.includes('/sse?'))
      return waitForAbort(init?.signal ?? undefined)
    const answer = await this.requestThroughProxy(url, init)
    if (answer.headers.get('Content-Type') === 'text/event-stream') {
      return this.carryStream(answer, init?.signal ?? undefined)
    }
    const text = await answer.text()
    await this.delay(init?.signal ?? undefined)
    if (this.network.isCut) throw new TypeError('fetch failed')
    this.lastResponses.set(url, { text, headers: answer.headers })
    return new Response(text, { status: answer.status, headers: answer.headers })
  }

  /** Sends a request to the app, and answers with 504 after the network's `maxRequestMs`. */
  private async requestThroughProxy(url: string, init: RequestInit | undefined): Promise<Response> {
    const upstream = new AbortController()
    let timer: NodeJS.Timeout | undefined
    const timeout = new Promise<Response>(resolve => {
      timer = setTimeout(
        () => resolve(new Response('', { status: 504 })),
        this.network.maxRequestMs,
      )
    })
    init?.signal?.addEventListener('abort', () => upstream.abort())
    const answered = this.app.request(url, { ...init, signal: upstream.signal })
    const answer = await Promise.race([answered, timeout])
    clearTimeout(timer)
    if (answer.status === 504) upstream.abort()
    return answer
  }

  private carryStream(answer: Response, signal: AbortSignal | undefined): Response {
    const { response, stream } = simulateStream(answer, signal, {
      latencyMs: () => this.network.latencyMs,
      onEnd: ended => void this.streams.delete(ended),
    })
    this.streams.add(stream)
    return response
  }

  private delay(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      signal?.addEventListener('abort', () => reject(new DOMException('aborted', 'AbortError')))
      setTimeout(resolve, this.network.latencyMs)
    })
  }

  private socketClass(): typeof WebSocket {
    return createSocketClass({
      latencyMs: () => this.network.latencyMs,
      accepts: () => !this.network.isCut && !this.network.blocksWebSockets,
      connect: socket => {
        this.sockets.add(socket)
        const site = this.sites.open(siteId)
        if (!site) throw new Error(`The site '${siteId}' does not exist.`)
        const connection = openConnection({
          stream: site.streams.of(0),
          channels: channelNames,
          ...this.connections,
          socket: socket.messageSocket,
        })
        const release = this.connections.limiter.add(
          'websocket',
          { site: siteId, address: '' },
          connection,
        )
        return {
          receive: text => connection.receive(text),
          closed: () => {
            this.sockets.delete(socket)
            release()
            connection.stop()
          },
        }
      },
    })
  }

  /** Cuts the network and breaks all open connections. */
  cutNetwork(): void {
    this.network.isCut = true
    for (const socket of [...this.sockets]) socket.disconnect(1006)
    for (const stream of [...this.streams]) stream.disconnect()
  }
}

function waitForAbort(signal: AbortSignal | undefined): Promise<Response> {
  return new Promise((_, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason))
  })
}
