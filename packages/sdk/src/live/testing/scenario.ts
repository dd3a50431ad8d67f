import {
  type ChannelName,
  type ServerMessage,
  type Snapshot,
  type State,
  errors,
  type ErrorCode,
} from '@tidemark/protocol'
import { createLiveClient } from '../client.ts'
import type { LiveClient, LiveOptions, LiveView } from '../types.ts'
import type { FakeServer } from './fake-server.ts'
import type { FakeSocket } from './fake-socket.ts'

/** A little more than a connection that nobody holds up takes. */
export const connectMs = 10
/** Between pings, as the server says in its `hello`. */
export const heartbeatMs = 15_000

/** A client of the fake server. */
export function createClient(server: FakeServer, options: Partial<LiveOptions> = {}): LiveClient {
  const { platform, ...others } = options
  return createLiveClient({
    baseUrl: 'http://stats.test/api',
    siteId: 'shop',
    // What comes below it is for the tests of the ladder.
    transports: ['websocket'],
    ...others,
    platform: { ...server.platform, ...platform },
  })
}

/** A client with one subscriber, and what the subscriber was told. */
export interface Watched {
  readonly client: LiveClient
  readonly views: readonly LiveView[]
  leave(): void
}

/** The client's first poll is under way when this resolves. */
export async function watch(
  server: FakeServer,
  channels: readonly ChannelName[] = ['currentVisitors'],
  options?: Partial<LiveOptions>,
): Promise<Watched> {
  const client = createClient(server, options)
  const views: LiveView[] = []
  const leave = client.subscribe(channels, view => views.push(view))
  await server.clock.settle()
  return { client, views, leave }
}

export function snapshotAt(cursor: string, state: State = { currentVisitors: 1 }): Snapshot {
  return { cursor, at: 1_700_000_000_000, windowMinutes: 5, ...state }
}

export function problem(code: ErrorCode, headers: Record<string, string> = {}): Response {
  const { status, title, remedy } = errors[code]
  const body = { type: 'about:blank', status, code, title, detail: remedy }
  return Response.json(body, {
    status,
    headers: { ...headers, 'Content-Type': 'application/problem+json' },
  })
}

export const hello: ServerMessage = { type: 'hello', epoch: 7, heartbeat: heartbeatMs }

export function pingAt(cursor: string): ServerMessage {
  return { type: 'ping', head: cursor, cursor }
}

/** The id of the last subscription that was sent. */
export function lastSubscription(server: FakeServer): number {
  const sub = server.messages.findLast(message => message.type === 'sub')
  if (sub?.type !== 'sub' || sub.id === undefined) throw new Error('Nothing was subscribed to.')
  return sub.id
}

/** Answers the last subscription as one that needs no replay. */
export function acknowledge(server: FakeServer, cursor: string): void {
  server.socket.say({ type: 'ok', id: lastSubscription(server), from: cursor, to: cursor })
}

/** Answers the poll that waits, and goes through all that a connection needs until it is live. */
export async function goLive(server: FakeServer, snapshot: Snapshot): Promise<FakeSocket> {
  server.poll.answer(snapshot)
  await server.clock.advance(connectMs)
  const { socket } = server
  socket.say(hello)
  acknowledge(server, snapshot.cursor)
  socket.say(pingAt(snapshot.cursor))
  await server.clock.settle()
  return socket
}
