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
import { createAccess } from '../../packages/server/src/guard/access.ts'
import { createProxies } from '../../packages/server/src/guard/proxies.ts'
import { createVisitorIds } from '../../packages/server/src/ingest/visitor.ts'
import { openConnection } from '../../packages/server/src/live/connection.ts'
import { type Connections, createConnections } from '../../packages/server/src/live/connections.ts'
import type { Log } from '../../packages/server/src/log/log.ts'
import { createMemoryLog } from '../../packages/server/src/log/memory.ts'
import { type Sites, createSites } from '../../packages/server/src/sites/sites.ts'
import { createSeededRandom } from '../../packages/sdk/src/live/testing/random.ts'
import { type StreamPeer, carryStream } from './simulated-event-stream.ts'
import { type SocketPeer, createSocketClass } from './simulated-socket.ts'

const siteId = 'shop'
const everything: Selection = { channels: channelNames, minutes: 5 }
const base = `http://server.test/sites/${siteId}`

/** What lies between the readers and the server. */
export interface Network {
  /** Nothing gets through. */
  isCut: boolean
  /** WebSockets are refused. */
  isBlocked: boolean
  /** Answers that go on are kept until they end, which they never do. */
  isBuffering: boolean
  /** A request that is held longer than this is ended by a proxy, in milliseconds. */
  maxHoldMs: number
  /** Answers to polls are the ones of the poll before, as a careless cache gives them. */
  isStale: boolean
  latencyMs: number
}

/**
 * One server with its log, a network that can go wrong, and live clients on it: all the real code of
 * both sides, with only sockets and time replaced. Time is vitest's fake time.
 */
export class World {
  readonly network: Network = {
    isCut: false,
    isBlocked: false,
    isBuffering: false,
    maxHoldMs: 60_000,
    isStale: false,
    latencyMs: 5,
  }
  /** Every state that the server ever published, by cursor and channel. */
  readonly published = new Map<string, ReadonlyMap<string, unknown>>()
  private readonly clock: Clock = createSystemClock()
  private readonly random: () => number
  private readonly log: Log
  private readonly peers = new Set<SocketPeer>()
  private readonly streams = new Set<StreamPeer>()
  private connections: Connections = createConnections(undefined, this.clock)
  private sites!: Sites
  private app!: Hono
  private readonly lastAnswers = new Map<string, { text: string; headers: Headers }>()

  private constructor(seed: number) {
    this.random = createSeededRandom(seed)
    this.log = createMemoryLog({ now: this.clock.now() })
  }

  /** @param seed of all that is left to chance, on both sides */
  static async open(seed: number): Promise<World> {
    const world = new World(seed)
    await world.start()
    return world
  }

  /** The server dies with all its connections; only its log is left. A new one takes its place. */
  async restart(): Promise<void> {
    await this.sites.close()
    for (const peer of [...this.peers]) peer.lose(1006)
    for (const stream of [...this.streams]) stream.lose()
    await this.start()
  }

  /** A live client of the kind that a page has. */
  reader(transports?: readonly StreamingTransport[]): LiveClient {
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

  /** Sends events as a tracker does. `undefined` when no answer came; the server may have taken them. */
  async send(
    client: string,
    events: TrackedEvent[],
    losesAnswer = false,
  ): Promise<BatchVerdict | undefined> {
    if (this.network.isCut) return undefined
    const body = JSON.stringify({ client, sentAt: Date.now(), events })
    const answer = await this.app.request(`${base}/events`, { method: 'POST', body })
    return losesAnswer ? undefined : await answer.json()
  }

  /** The connections that are open stop carrying anything, and nobody is told. */
  halfOpen(): void {
    for (const peer of this.peers) peer.goSilent()
    for (const stream of this.streams) stream.goSilent()
  }

  /** The server sends all of its readers away, to come back within five seconds. */
  drain(): void {
    this.connections.limiter.disconnectAll(closeCodes.draining, () =>
      Math.floor(this.random() * 5000),
    )
  }

  loseMessages(count: number): void {
    for (const peer of this.peers) peer.loseMessages(count)
    for (const stream of this.streams) stream.loseMessages(count)
  }

  /** The state at the server now. */
  snapshot(selection: Selection): { cursor: string; state: State } {
    const site = this.sites.open(siteId)
    if (!site) throw new Error('There is no such site')
    const {
      cursor,
      at: _at,
      windowMinutes: _minutes,
      ...state
    } = JSON.parse(site.stream.snapshotOf(selection))
    return { cursor, state }
  }

  async close(): Promise<void> {
    for (const peer of [...this.peers]) peer.lose(1006)
    for (const stream of [...this.streams]) stream.lose()
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
    this.app = createApp({
      sites,
      clock,
      ready: Promise.resolve(),
      access: createAccess(undefined, { clock, onError }),
      proxies: createProxies(),
      visitorOf: createVisitorIds(log.settings),
      connections: this.connections,
      // The simulation has sockets of its own.
      websockets: { messageSocketOf: () => undefined },
      loadScript: () => Promise.reject(new Error('The simulation has no tracker.')),
      onError,
    })
    this.record()
    sites.open(siteId)?.stream.subscribe(everything, () => this.record())
  }

  private record(): void {
    const { cursor, state } = this.snapshot(everything)
    this.published.set(cursor, new Map(Object.entries(state)))
  }

  private readonly fetch: typeof globalThis.fetch = async (input, init) => {
    await this.delay(init?.signal ?? undefined)
    if (this.network.isCut) throw new TypeError('fetch failed')
    const url = String(input)
    const last = this.lastAnswers.get(url)
    if (this.network.isStale && last) return new Response(last.text, { headers: last.headers })
    if (this.network.isBuffering && url.includes('/sse?')) return hang(init?.signal ?? undefined)
    const answer = await this.ask(url, init)
    if (answer.headers.get('Content-Type') === 'text/event-stream') {
      return this.carry(answer, init?.signal ?? undefined)
    }
    const text = await answer.text()
    await this.delay(init?.signal ?? undefined)
    if (this.network.isCut) throw new TypeError('fetch failed')
    this.lastAnswers.set(url, { text, headers: answer.headers })
    return new Response(text, { status: answer.status, headers: answer.headers })
  }

  /** As a proxy asks: for so long and no longer. */
  private async ask(url: string, init: RequestInit | undefined): Promise<Response> {
    const patience = new AbortController()
    let timer: NodeJS.Timeout | undefined
    const tooLong = new Promise<Response>(resolve => {
      timer = setTimeout(() => resolve(new Response('', { status: 504 })), this.network.maxHoldMs)
    })
    init?.signal?.addEventListener('abort', () => patience.abort())
    const asked = this.app.request(url, { ...init, signal: patience.signal })
    const answer = await Promise.race([asked, tooLong])
    clearTimeout(timer)
    if (answer.status === 504) patience.abort()
    return answer
  }

  private carry(answer: Response, signal: AbortSignal | undefined): Response {
    const { response, peer } = carryStream(answer, signal, {
      latencyMs: () => this.network.latencyMs,
      onEnd: stream => void this.streams.delete(stream),
    })
    this.streams.add(peer)
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
      accepts: () => !this.network.isCut && !this.network.isBlocked,
      connect: peer => {
        this.peers.add(peer)
        const site = this.sites.open(siteId)
        if (!site) throw new Error('There is no such site')
        const connection = openConnection({
          stream: site.stream,
          channels: channelNames,
          ...this.connections,
          socket: peer.wire,
        })
        const release = this.connections.limiter.add(
          'websocket',
          { site: siteId, address: '' },
          connection.disconnect,
        )
        return {
          receive: text => connection.receive(text),
          closed: () => {
            this.peers.delete(peer)
            release()
            connection.stop()
          },
        }
      },
    })
  }

  /** What a cut does to what is open. */
  cut(): void {
    this.network.isCut = true
    for (const peer of [...this.peers]) peer.lose(1006)
    for (const stream of [...this.streams]) stream.lose()
  }
}

function hang(signal: AbortSignal | undefined): Promise<Response> {
  return new Promise((_, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason))
  })
}
