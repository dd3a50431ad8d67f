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

/** Slightly longer than an undisturbed handshake takes. */
export const connectMs = 10
/** Heartbeat interval that `hello` announces. */
export const heartbeatMs = 15_000

/** Creates a client of the fake server. */
export function createClient(server: FakeServer, options: Partial<LiveOptions> = {}): LiveClient {
  const { platform, ...rest } = options
  return createLiveClient({
    baseUrl: 'http://stats.test/api',
    siteId: 'shop',
    // The tests of the fallback set other transports.
    transports: ['websocket'],
    ...rest,
    platform: { ...server.platform, ...platform },
  })
}

/** A client with one subscriber, and the views that the subscriber received. */
export interface OpenClient {
  readonly client: LiveClient
  readonly views: readonly LiveView[]
  unsubscribe(): void
}

/** Creates a client with one subscriber. When this resolves, the first poll is in flight. */
export async function openClient(
  server: FakeServer,
  channels: readonly ChannelName[] = ['currentVisitors'],
  options?: Partial<LiveOptions>,
): Promise<OpenClient> {
  const client = createClient(server, options)
  const views: LiveView[] = []
  const unsubscribe = client.subscribe(channels, view => views.push(view))
  await server.clock.flush()
  return { client, views, unsubscribe }
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

/** Returns the ID of the last subscription. */
export function lastSubscription(server: FakeServer): number {
  const sub = server.messages.findLast(message => message.type === 'sub')
  if (sub?.type !== 'sub' || sub.id === undefined)
    throw new Error('The client has sent no subscription.')
  return sub.id
}

/** Answers the last subscription with `ok` and without frames. */
export function acknowledge(server: FakeServer, cursor: string): void {
  server.socket.deliver({ type: 'ok', id: lastSubscription(server), from: cursor, to: cursor })
}

/** Answers the pending poll and sends all messages that verify the connection. */
export async function goLive(server: FakeServer, snapshot: Snapshot): Promise<FakeSocket> {
  server.poll.answer(snapshot)
  await server.clock.advance(connectMs)
  const { socket } = server
  socket.deliver(hello)
  acknowledge(server, snapshot.cursor)
  socket.deliver(pingAt(snapshot.cursor))
  await server.clock.flush()
  return socket
}
