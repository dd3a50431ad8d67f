import type { Selection } from '@tidemark/protocol'
import { type Access, createAccess } from './access.ts'
import type { PageChange, PageWatch } from './page-watch.ts'
import { createPolling } from './polling.ts'
import type { Reader } from './reader.ts'
import type { SelectionChange } from './subscriptions.ts'
import { type SyncState, createSyncState } from './sync-state.ts'
import type { TokenProvider } from './token.ts'
import { type TransportSelector, createTransportSelector } from './transport-selector.ts'
import { firstAfter } from '../shared/first-after.ts'
import { openTransport } from './transports/open-transport.ts'
import { type PollResult, poll } from './transports/poll.ts'
import { type ConnectionLoss, type RejectionReason, toLossReason } from './transports/transport.ts'
import type { LivePlatform, StreamingTransport } from './types.ts'

export interface ConnectionOptions {
  platform: LivePlatform
  page: PageWatch
  reader: Reader
  token: TokenProvider
  /** URL of the site: `https://stats.example.com/api/sites/shop`. */
  siteUrl: string
  pollIntervalMs: number
  /** Transports that may replace polling, best first. */
  fallbackOrder: readonly StreamingTransport[]
  selection(): Selection
  hasSubscribers(): boolean
  onChange(): void
}

/** Connection to a site: polls first, upgrades to a better transport, and falls back to polling. */
export interface Connection {
  readonly access: Pick<Access, 'isDenied'>
  readonly sync: Pick<SyncState, 'syncedAt' | 'error'>
  readonly transports: Pick<TransportSelector, 'active' | 'isVerifying'>
  isStale(): boolean
  /** Returns the age at which the state counts as stale, in milliseconds. */
  staleAfterMs(): number
  /** Returns the time of the next attempt after a failure, in milliseconds since 1970. */
  retryAt(): number | undefined
  /** Polls immediately; resolves when the result has been handled. */
  refresh(): Promise<void>
  applySelection(change: SelectionChange): void
  handlePageChange(change: PageChange): void
  stop(): void
}

export function createConnection(options: ConnectionOptions): Connection {
  const { platform, page, reader, token, siteUrl, selection, hasSubscribers, onChange } = options
  const access = createAccess(token)
  const sync = createSyncState(platform)
  const polling = createPolling({
    platform,
    pollIntervalMs: options.pollIntervalMs,
    isHidden: page.isHidden,
    poll: cancel =>
      selection().channels.length > 0 && !access.isDenied && !page.isSuspended()
        ? poll({ platform, token, siteUrl, selection: selection(), cancel })
        : undefined,
    onResult: handleResult,
  })
  const transports = createTransportSelector({
    platform,
    fallbackOrder: options.fallbackOrder,
    open: (transport, events) =>
      openTransport(transport, { ...events, platform, siteUrl, reader, token, selection }),
    isServerReachable: () =>
      transports.active ? !isStale() : sync.error === undefined && polling.isOnSchedule(),
    onActivity(isCurrent) {
      if (isCurrent) confirm(true)
      onChange()
    },
    onActive: polling.stop,
    onLost: handleLoss,
  })

  const staleAfterMs = (): number =>
    transports.active?.connection.maxSilenceMs ?? polling.staleAfterMs()
  const isStale = (): boolean => sync.isOlderThan(staleAfterMs())

  function confirm(isCurrent: boolean): void {
    sync.confirm(isCurrent)
    access.confirm()
  }

  function handleResult(result: PollResult): void {
    const isPolling = hasSubscribers() && !transports.active
    if ('snapshot' in result) {
      confirm(reader.applySnapshot(result.snapshot))
      if (isPolling) polling.scheduleNext()
      if (hasSubscribers() && !page.isLongHidden()) transports.upgrade()
    } else {
      sync.fail(result.error)
      const reason = toLossReason(result.status)
      if (reason !== 'broken') reject(reason)
      else if (isPolling) polling.scheduleRetry(result.retryAfterMs)
    }
    onChange()
  }

  function handleLoss({ reason, retryAfterMs }: ConnectionLoss): void {
    if (reason !== 'broken') reject(reason)
    else if (!transports.active && !polling.isActive) polling.resume(retryAfterMs)
    onChange()
  }

  function reject(reason: RejectionReason): void {
    stop()
    void access.reject(reason)?.then(isRenewed => {
      if (!hasSubscribers() || polling.isActive) return
      if (isRenewed) void polling.pollNow()
      else polling.scheduleRetry()
      onChange()
    })
  }

  function applySelection({ hasChanged, isFirst }: SelectionChange): void {
    if (isFirst) void polling.pollNow()
    else if (hasChanged) {
      transports.resubscribe()
      // A poll in flight requests the previous selection.
      const needsPoll = !transports.active && !polling.isDeferred
      if (polling.isInFlight || needsPoll) void polling.pollNow()
    }
  }

  function stop(): void {
    polling.stop()
    transports.stop()
  }

  return {
    access,
    sync,
    transports,
    isStale,
    staleAfterMs,
    retryAt: () => firstAfter(platform.now(), [sync.error && polling.nextAt, transports.retryAt]),
    refresh: polling.pollNow,
    applySelection,
    handlePageChange(change) {
      if (change === 'suspended') stop()
      else if (change === 'resumed') void polling.pollNow()
      else {
        if (change === 'longHidden') transports.stop()
        if (!transports.active && !access.isDenied) polling.pollWhenDue()
        // The computer may have slept through the end of the connection.
        if (transports.active && isStale()) transports.active.connection.reconnect()
      }
      onChange()
    },
    stop,
  }
}
