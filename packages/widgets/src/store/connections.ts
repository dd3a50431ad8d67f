import { shallowReactive } from 'vue'
import { type ConnectionTarget, targetKey } from '../config.ts'
import {
  type ClientFactory,
  type Connection,
  type Subscriber,
  type Subscription,
  createConnection,
} from './connection.ts'
import type { FrameTimers } from './frame-batch.ts'

/** Connections at rest that are kept, so that whoever comes back sees the last known state at once. */
const maxResting = 8

/** The connections of a page: one for each target. */
export interface Connections {
  /** Those in use and at most eight at rest, by target. */
  readonly byKey: ReadonlyMap<string, Connection>
  /** Joins the connection to a target, and opens it if there is none. */
  subscribe(target: ConnectionTarget, subscriber: Subscriber): Subscription
  /** Makes new connections with this from now on. Who is subscribed keeps the connection it has. */
  setClientFactory(create: ClientFactory): void
}

/** @param createClient makes the client of each new connection */
export function createConnections(createClient: ClientFactory, timers?: FrameTimers): Connections {
  const byKey = shallowReactive(new Map<string, Connection>())

  /** Forgets what will not help the next one who comes: a refused client, and the longest at rest. */
  function tidy(key: string, connection: Connection): void {
    if (byKey.get(key) !== connection) return
    byKey.delete(key)
    if (connection.status.value.unauthorized) return
    byKey.set(key, connection)
    const resting = [...byKey].filter(([, each]) => each.subscriberCount.value === 0)
    for (const [oldest] of resting.slice(0, -maxResting)) byKey.delete(oldest)
  }

  return {
    byKey,
    subscribe(target, subscriber) {
      const key = targetKey(target)
      const open = byKey.get(key)
      if (open) return open.subscribe(subscriber)
      const connection = createConnection({
        target,
        createClient,
        timers,
        onIdle: () => tidy(key, connection),
      })
      byKey.set(key, connection)
      return connection.subscribe(subscriber)
    },
    setClientFactory(create) {
      createClient = create
      byKey.clear()
    },
  }
}
