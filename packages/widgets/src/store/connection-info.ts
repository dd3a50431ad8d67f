import {
  type ChannelName,
  type EventProperty,
  type WindowMinutes,
  channelNames,
} from '@tidemark/protocol'
import type { LiveStatus, StreamingTransport } from '@tidemark/sdk/live'
import type { Connection } from './connection.ts'
import type { LastFrame } from './frame-record.ts'

/** Description of a connection in Vue's developer tools. It contains no token. */
export interface ConnectionInfo {
  readonly baseUrl: string
  readonly siteId: string
  readonly minutes: WindowMinutes
  readonly transports: readonly StreamingTransport[] | undefined
  /** Number of widgets and other readers; 0 for a connection that is about to close or has closed. */
  readonly subscribers: number
  readonly channels: readonly ChannelName[]
  /** Pages of the channel `pageVisitors`. */
  readonly paths: readonly string[]
  /** Properties of the channel `properties`. */
  readonly properties: readonly EventProperty[]
  /** Cursor of the state, `epoch.seq`. */
  readonly cursor: string | undefined
  readonly lastFrame: LastFrame | undefined
  readonly status: LiveStatus
}

/** Describes connections by name: site ID and server, with a number if several have both in common. */
export function describeConnections(
  connections: Iterable<Connection>,
): Readonly<Record<string, ConnectionInfo>> {
  const infos = new Map<string, ConnectionInfo>()
  for (const connection of connections) {
    const { siteId, baseUrl } = connection.target
    const name = `${siteId} at ${baseUrl}`
    let number = 1
    const numbered = (): string => (number === 1 ? name : `${name} #${number}`)
    while (infos.has(numbered())) number++
    infos.set(numbered(), describe(connection))
  }
  return Object.fromEntries(infos)
}

function describe(connection: Connection): ConnectionInfo {
  const { token: _, ...target } = connection.target
  const status = connection.status.value
  const { channels, paths, properties } = connection.selection()
  return {
    ...target,
    subscribers: connection.subscriberCount.value,
    channels: channelNames.filter(name => channels.has(name)),
    paths,
    properties,
    cursor: status.cursor,
    lastFrame: connection.lastFrame(),
    status,
  }
}
