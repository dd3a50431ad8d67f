import type { LiveStatus } from '@tidemark/sdk/live'

/** State of a connection, in one word. `disconnected` and `error` are states that a host reports. */
export type ConnectionState =
  | 'connecting'
  | 'live'
  | 'polling'
  | 'upgrading'
  | 'stale'
  | 'retrying'
  | 'offline'
  | 'paused'
  | 'refused'
  | 'disconnected'
  | 'error'

/** All states, for icons and texts. */
export const connectionStates: readonly ConnectionState[] = [
  'connecting',
  'live',
  'polling',
  'upgrading',
  'stale',
  'retrying',
  'offline',
  'paused',
  'refused',
  'disconnected',
  'error',
]

/**
 * Status of data that the host loads by itself: the `status` of `useRealtime`, a state, or
 * `'connected'` for `'live'`.
 */
export type HostStatus = LiveStatus | ConnectionState | 'connected'

/**
 * Returns the state of a connection. When several apply, the most limiting one wins: a refused
 * connection is `refused` even if its data is also stale.
 */
export function connectionState(status: LiveStatus): ConnectionState {
  if (status.unauthorized) return 'refused'
  if (status.offline) return 'offline'
  if (status.paused) return 'paused'
  if (status.stale) return 'stale'
  if (status.phase === 'live') return 'live'
  if (status.error) return 'retrying'
  if (status.syncedAt === undefined || status.phase === 'idle') return 'connecting'
  return status.phase
}

/** Returns the state that a host reports. Unknown text counts as `error`. */
export function hostState(status: HostStatus): ConnectionState {
  if (typeof status === 'object') return connectionState(status)
  if (status === 'connected') return 'live'
  return connectionStates.includes(status) ? status : 'error'
}

/** Reports whether the numbers on screen are current. */
export function isFresh(state: ConnectionState): boolean {
  return state === 'live' || state === 'polling' || state === 'upgrading' || state === 'paused'
}
