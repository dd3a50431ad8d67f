import type { Connection } from './connection.ts'
import type { FrameTimers } from './frame-batch.ts'

/** Time between the last unsubscription and the close of a connection, so that a page switch does not reconnect. */
export const lingerMs = 5000

/** A browser opens six HTTP/1.1 connections to a server; a connection may take one of them (SSE, long-poll). */
const maxLingering = 3

/** Unused connections that close a few seconds later. */
export interface Linger {
  start(connection: Connection): void
  /** Keeps a connection open that is used again. */
  cancel(connection: Connection): void
}

/**
 * Creates the set of lingering connections. The longest unused connection beyond three closes at once. So does a
 * connection that a return would not reuse: one that polls only, and one that the server has refused. Outside a browser
 * each closes at once, because a timer or a connection would keep the process running.
 */
export function createLinger(timers: FrameTimers): Linger {
  const timerOf = new Map<Connection, unknown>()
  const isBrowser = timers.requestAnimationFrame !== undefined

  function cancel(connection: Connection): void {
    timers.clearTimeout(timerOf.get(connection))
    timerOf.delete(connection)
  }

  function close(connection: Connection): void {
    cancel(connection)
    connection.close()
  }

  return {
    cancel,
    start(connection) {
      cancel(connection)
      const { target, status } = connection
      const pollsOnly = target.transports?.length === 0
      if (!isBrowser || pollsOnly || status.value.unauthorized) return connection.close()
      timerOf.set(
        connection,
        timers.setTimeout(() => close(connection), lingerMs),
      )
      const [longest] = timerOf.keys()
      if (longest && timerOf.size > maxLingering) close(longest)
    },
  }
}
