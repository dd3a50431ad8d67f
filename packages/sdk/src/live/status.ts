import { formatCursor } from '@tidemark/protocol'
import type { Connection } from './connection.ts'
import type { PageWatch } from './page-watch.ts'
import type { Reader } from './reader.ts'
import type { LivePhase, LiveStatus } from './types.ts'

export interface StatusSources {
  connection: Pick<
    Connection,
    'isDenied' | 'activeTransport' | 'isVerifying' | 'error' | 'syncedAt' | 'isStale'
  >
  page: Pick<PageWatch, 'isHidden' | 'isOffline' | 'isSuspended'>
  reader: Pick<Reader, 'position'>
  hasSubscribers: boolean
}

/** Returns the client's current status. */
export function toLiveStatus(sources: StatusSources): LiveStatus {
  const { connection, page, reader, hasSubscribers } = sources
  const { isDenied, activeTransport, error } = connection
  const isRunning = hasSubscribers && !isDenied
  const fallback = page.isSuspended() || error ? 'none' : 'poll'
  return {
    phase: isRunning ? toPhase(connection) : 'idle',
    transport: isRunning ? (activeTransport ?? fallback) : 'none',
    cursor: reader.position && formatCursor(reader.position.cursor),
    syncedAt: connection.syncedAt,
    stale: connection.isStale,
    offline: page.isOffline(),
    paused: page.isHidden(),
    unauthorized: isDenied,
    error,
  }
}

function toPhase({ activeTransport, isVerifying }: StatusSources['connection']): LivePhase {
  if (activeTransport) return 'live'
  return isVerifying ? 'upgrading' : 'polling'
}
