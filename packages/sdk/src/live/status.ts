import { formatCursor } from '@tidemark/protocol'
import type { Connection } from './connection.ts'
import type { PageWatch } from './page-watch.ts'
import type { Reader } from './reader.ts'
import type { LiveStatus } from './types.ts'

export interface StatusSources {
  connection: Pick<Connection, 'access' | 'sync' | 'transports' | 'isStale' | 'retryAt'>
  page: Pick<PageWatch, 'isHidden' | 'isOffline' | 'isSuspended'>
  reader: Pick<Reader, 'position'>
  hasSubscribers: boolean
}

/** Returns the client's current status. */
export function toLiveStatus(sources: StatusSources): LiveStatus {
  const { connection, page, reader, hasSubscribers } = sources
  const { access, sync, transports } = connection
  const isRunning = hasSubscribers && !access.isDenied
  const active = transports.active?.transport
  const fallback = page.isSuspended() || sync.error ? 'none' : 'poll'
  return {
    phase: !isRunning ? 'idle' : active ? 'live' : transports.isVerifying ? 'upgrading' : 'polling',
    transport: isRunning ? (active ?? fallback) : 'none',
    cursor: reader.position && formatCursor(reader.position.cursor),
    syncedAt: sync.syncedAt,
    stale: connection.isStale(),
    offline: page.isOffline(),
    paused: page.isHidden(),
    unauthorized: access.isDenied,
    error: sync.error,
    retryAt: connection.retryAt(),
  }
}
