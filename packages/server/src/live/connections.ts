import type { Clock } from '../shared/clock.ts'
import { type ConnectionBounds, defaultConnectionBounds } from './connection.ts'
import {
  type ConnectionLimiter,
  type ConnectionLimits,
  createConnectionLimiter,
  defaultConnectionLimits,
} from './connection-limiter.ts'

/** Heartbeat, buffers, lifetime and number of the connections to readers. */
export type ConnectionsOptions = Partial<ConnectionBounds & ConnectionLimits>

/** Settings and count of the connections to readers of all transports. */
export interface Connections {
  readonly clock: Clock
  /** Returns a number in [0, 1). */
  readonly random: () => number
  readonly bounds: ConnectionBounds
  readonly limiter: ConnectionLimiter
}

export function createConnections(
  options: ConnectionsOptions | undefined,
  clock: Clock,
  random: () => number = Math.random,
): Connections {
  return {
    clock,
    random,
    bounds: { ...defaultConnectionBounds, ...options },
    limiter: createConnectionLimiter({ ...defaultConnectionLimits, ...options }),
  }
}
