import { shallowReactive } from 'vue'
import { type ConnectionTarget, targetKey } from '../config.ts'
import {
  type ClientFactory,
  type Connection,
  type Subscriber,
  type Subscription,
  createConnection,
} from './connection.ts'
import { type FrameTimers, pageTimers } from './frame-batch.ts'
import { createLinger } from './linger.ts'

/** Idle connections that are retained, so that a returning widget shows the last known state at once. */
const maxIdleConnections = 8

/** Connections of a page, one for each target. */
export interface Connections {
  /** Connections in use, and up to eight idle ones, by target key. */
  readonly byKey: ReadonlyMap<string, Connection>
  /** Subscribes to the connection of a target, and opens it if necessary. */
  subscribe(target: ConnectionTarget, subscriber: Subscriber): Subscription
  /** Sets the factory for new connections. Current subscribers keep their connections. */
  setClientFactory(create: ClientFactory): void
}

/**
 * Creates the connections of one store. A connection closes a few seconds after its last subscriber has left.
 * @param createClient creates the live client of each new connection
 */
export function createConnections(
  createClient: ClientFactory,
  timers: FrameTimers = pageTimers(),
): Connections {
  const byKey = shallowReactive(new Map<string, Connection>())
  const linger = createLinger(timers)

  /** Evicts a refused connection, and the longest idle ones beyond the limit. */
  function evict(key: string, connection: Connection): void {
    if (byKey.get(key) !== connection) return
    byKey.delete(key)
    if (connection.status.value.unauthorized) return
    byKey.set(key, connection)
    const idle = [...byKey].filter(([, each]) => each.subscriberCount.value === 0)
    for (const [idleKey] of idle.slice(0, -maxIdleConnections)) byKey.delete(idleKey)
  }

  function open(target: ConnectionTarget, key: string): Connection {
    const connection = createConnection({
      target,
      createClient,
      timers,
      onUnused: () => linger.start(connection),
      onClosed: () => evict(key, connection),
    })
    byKey.set(key, connection)
    return connection
  }

  return {
    byKey,
    subscribe(target, subscriber) {
      const key = targetKey(target)
      const connection = byKey.get(key) ?? open(target, key)
      linger.cancel(connection)
      return connection.subscribe(subscriber)
    },
    setClientFactory(create) {
      createClient = create
      byKey.clear()
    },
  }
}
