import type { LiveStatus, LiveTransport } from '@tidemark/sdk/live'

/** How a connection is, in one word. */
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

/** What most limits the trust in the data comes first: a refused reader is not merely stale. */
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

export interface StateWords {
  readonly label: string
  readonly detail: string
}

export const stateWords: Readonly<Record<ConnectionState, StateWords>> = {
  connecting: { label: 'Connecting', detail: 'Waiting for the first answer.' },
  live: { label: 'Live', detail: 'Changes arrive as they happen.' },
  polling: { label: 'Polling', detail: 'The server is asked again and again.' },
  upgrading: { label: 'Upgrading', detail: 'Polling, while something faster proves itself.' },
  stale: { label: 'Stale', detail: 'Nothing has confirmed these numbers for a while.' },
  retrying: { label: 'Retrying', detail: 'The last request failed.' },
  offline: { label: 'Offline', detail: 'This device has no network.' },
  paused: { label: 'Paused', detail: 'The page is hidden, so updates come slowly.' },
  refused: { label: 'Refused', detail: 'The server does not let this reader in.' },
}

/** How changes arrive, by what carries them. */
export const transportWords: Readonly<Record<LiveTransport, string>> = {
  none: '',
  poll: '',
  'long-poll': 'By requests that the server holds until there is news.',
  sse: 'By an answer of the server that goes on.',
  websocket: 'By a WebSocket.',
}

/** Whether the numbers on screen are, as far as anyone can know, those of now. */
export function isFresh(state: ConnectionState): boolean {
  return state === 'live' || state === 'polling' || state === 'upgrading' || state === 'paused'
}
