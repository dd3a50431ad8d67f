import type { LiveStatus, LiveTransport } from '@tidemark/sdk/live'

/** State of a connection, in one word. */
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

export interface StateText {
  readonly label: string
  readonly detail: string
}

export const stateTexts: Readonly<Record<ConnectionState, StateText>> = {
  connecting: { label: 'Connecting', detail: 'Waiting for the first data.' },
  live: { label: 'Live', detail: 'Updates arrive as they happen.' },
  polling: { label: 'Polling', detail: 'Updates arrive at regular intervals.' },
  upgrading: { label: 'Upgrading', detail: 'Switching to faster updates.' },
  stale: { label: 'Stale', detail: 'No update for a while. The numbers may be out of date.' },
  retrying: { label: 'Retrying', detail: 'The last request failed. Trying again.' },
  offline: { label: 'Offline', detail: 'This device is offline.' },
  paused: { label: 'Paused', detail: 'Updates are slower while the page is in the background.' },
  refused: { label: 'No access', detail: 'You do not have access to these numbers.' },
}

/** How updates arrive, by transport; empty when the state's own text is enough. */
export const transportTexts: Readonly<Record<LiveTransport, string>> = {
  none: '',
  poll: '',
  'long-poll': 'Connected by long polling.',
  sse: 'Connected by server-sent events.',
  websocket: 'Connected by WebSocket.',
}

/** Reports whether the numbers on screen are current. */
export function isFresh(state: ConnectionState): boolean {
  return state === 'live' || state === 'polling' || state === 'upgrading' || state === 'paused'
}
