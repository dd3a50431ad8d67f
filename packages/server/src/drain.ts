import { setTimeout as wait } from 'node:timers/promises'
import type { RunningServer } from './listen.ts'

/** Times of a shutdown, in milliseconds. */
export interface CloseOptions {
  /**
   * Longest time for the whole shutdown, except that storing is never interrupted. Requests under way have the time
   * that remains after `drainDelayMs` and a reserve for storing. @default 10 seconds
   */
  drainMs?: number
  /** Time in which the server still serves as before, while `/ready` answers 503. @default 0 */
  drainDelayMs?: number
}

export const defaultDrainMs = 10_000

/** Most of `drainMs` that is kept free for storing, in milliseconds. */
const maxReserveMs = 2000

/** Time between two rounds of disconnecting readers, some of which come back on open connections, in milliseconds. */
const roundMs = 250

/**
 * Closes the ports of a server in phases: serves on for `drainDelayMs`, disconnects readers, and finishes the requests
 * under way.
 */
export async function drainServers(
  servers: readonly RunningServer[],
  disconnectReaders: () => void,
  { drainMs = defaultDrainMs, drainDelayMs = 0 }: CloseOptions,
): Promise<void> {
  const delayMs = Math.min(drainDelayMs, drainMs)
  if (delayMs > 0 && servers.length > 0) await wait(delayMs)
  disconnectReaders()
  const rounds = setInterval(disconnectReaders, roundMs)
  const requestsMs = drainMs - delayMs - Math.min(maxReserveMs, drainMs / 4)
  try {
    await Promise.all(servers.map(server => server.close(Math.max(0, requestsMs))))
  } finally {
    clearInterval(rounds)
  }
}
