import {
  type ChannelName,
  type Selection,
  channelNames,
  defaultMinutes,
  formatCursor,
  selectionKey,
  toSelection,
} from '@tidemark/protocol'
import { createBackoff } from '../shared/backoff.ts'
import { createTransportSelector } from './transport-selector.ts'
import { openLongPollTransport } from './transports/long-poll.ts'
import { allTransports, checkLiveOptions, toSiteUrl } from './options.ts'
import { type PageChange, createPageWatch } from './page-watch.ts'
import { currentPlatform } from './platform.ts'
import { type PollResult, poll } from './transports/poll.ts'
import { createPolling } from './transports/polling.ts'
import { createReader } from './reader.ts'
import { type ConnectionLoss, type TransportOpeners, lossReasonOf } from './transports/transport.ts'
import { openSseTransport } from './transports/sse.ts'
import { createTokenKeeper } from './token.ts'
import type { LiveClient, LiveError, LiveOptions, LiveStatus } from './types.ts'
import { type Subscriber, createViews } from './views.ts'
import { openWebSocketTransport } from './transports/websocket.ts'

const defaultPollIntervalMs = 5000
/** A hidden page needs no fresh numbers, only not to be far behind when it is looked at. */
const hiddenPollIntervalMs = 60_000
const backoffMaxMs = 60_000
/** What a poll may take beyond its rhythm before what is on screen counts as stale. */
const staleSlackMs = 10_000
/** Fresh tokens that are refused one after the other before the reader is. */
const maxTokens = 3

const transportOpeners: TransportOpeners = {
  websocket: openWebSocketTransport,
  sse: openSseTransport,
  'long-poll': openLongPollTransport,
}

/**
 * A reader of one site's live numbers. It polls first, so it has data through any proxy; then it tries
 * better transports beside the polling, and stops polling once one has proved itself; and when that is
 * lost, it polls again. All of them add to one mark, so nothing is missed and nothing comes twice.
 * @throws {TypeError} for an option that is not one, in a sentence that names it and says what it takes
 */
export function createLiveClient(options: LiveOptions): LiveClient {
  checkLiveOptions(options)
  const platform = { ...currentPlatform(), ...options.platform }
  const page = createPageWatch(platform)
  const siteUrl = toSiteUrl(options, platform.href)
  const { minutes = defaultMinutes, pollIntervalMs = defaultPollIntervalMs } = options
  const reader = createReader()
  const token = createTokenKeeper(options.token)
  const backoff = createBackoff({
    baseMs: pollIntervalMs,
    maxMs: backoffMaxMs,
    random: platform.random,
  })
  const subscribers = new Map<symbol, Subscriber>()

  let selection: Selection | undefined
  let syncedAt: number | undefined
  let error: LiveError | undefined
  let unauthorized = false
  /** Fresh tokens that were tried since something was answered. */
  let triedTokens = 0
  let isSelecting = false
  let isStarting = false

  const polling = createPolling({
    platform,
    rhythmMs,
    ask: cancel =>
      selection && !unauthorized && !page.isGone()
        ? poll({ platform, token, siteUrl, selection, cancel })
        : undefined,
    onResult: takeResult,
  })
  const transports = createTransportSelector({
    platform,
    fallbackOrder: (options.transports ?? allTransports).filter(
      transport => transport !== 'websocket' || platform.WebSocket,
    ),
    open: (transport, events) =>
      transportOpeners[transport]({
        ...events,
        platform,
        siteUrl,
        reader,
        token,
        selection: () => selection ?? { channels: [], minutes },
      }),
    isServerThere,
    onNews(isCurrent) {
      if (isCurrent) synced()
      views.update()
    },
    onProved: polling.stop,
    onLost: takeLoss,
  })
  const views = createViews({
    platform,
    subscribers,
    state: () => reader.position?.state,
    status: readStatus,
    staleAt() {
      const at = lastSyncedAt()
      return at === undefined ? undefined : at + staleAfterMs()
    },
  })

  // What is seen

  function readStatus(): LiveStatus {
    const isRunning = subscribers.size > 0 && !unauthorized
    const proved = transports.proved?.transport
    // A poll that is not made, or has just failed, brings nothing.
    const fallback = page.isGone() || error ? 'none' : 'poll'
    return {
      phase: !isRunning ? 'idle' : proved ? 'live' : transports.isTrying ? 'upgrading' : 'polling',
      transport: !isRunning ? 'none' : (proved ?? fallback),
      cursor: reader.position && formatCursor(reader.position.cursor),
      syncedAt: lastSyncedAt(),
      stale: isStale(),
      offline: page.isOffline(),
      paused: page.isHidden(),
      unauthorized: unauthorized,
      error,
    }
  }

  function staleAfterMs(): number {
    return transports.proved?.connection.silenceMs ?? rhythmMs() + staleSlackMs
  }

  function isStale(): boolean {
    return syncedAt !== undefined && platform.now() >= syncedAt + staleAfterMs()
  }

  function synced(isCurrent = true): void {
    if (isCurrent) syncedAt = platform.now()
    error = undefined
    triedTokens = 0
  }

  /** A clock that was set back must not make the state younger than now. */
  function lastSyncedAt(): number | undefined {
    if (syncedAt !== undefined) syncedAt = Math.min(syncedAt, platform.now())
    return syncedAt
  }

  // Polling

  function rhythmMs(): number {
    return page.isHidden() ? Math.max(hiddenPollIntervalMs, pollIntervalMs) : pollIntervalMs
  }

  function isServerThere(): boolean {
    if (transports.proved) return !isStale()
    return error === undefined && platform.now() < polling.polledAt + rhythmMs() + staleSlackMs
  }

  function takeResult(result: PollResult): void {
    const goesOn = subscribers.size > 0 && !transports.proved
    if ('snapshot' in result) {
      synced(reader.applySnapshot(result.snapshot))
      backoff.reset()
      if (goesOn) polling.after(rhythmMs())
      if (subscribers.size > 0 && !page.isAsleep()) transports.upgrade()
    } else {
      error = result.error
      const reason = lossReasonOf(result.status)
      if (reason !== 'broken') letGo(reason)
      else if (goesOn) {
        // Beyond the rhythm, or all who failed together would come again together.
        const delayMs = backoff.next(Math.max(rhythmMs(), result.retryAfterMs))
        polling.after(delayMs, result.retryAfterMs > 0)
      }
    }
    views.update()
  }

  function takeLoss({ reason, retryAfterMs }: ConnectionLoss): void {
    if (reason !== 'broken') letGo(reason)
    else if (!transports.proved && !polling.isActive) {
      if (retryAfterMs > 0) polling.after(retryAfterMs, true)
      else void polling.now()
    }
    views.update()
  }

  // Who may

  /** Stops, for good unless a fresh token helps. */
  function letGo(reason: 'refused' | 'unauthorized'): void {
    polling.stop()
    transports.stop()
    if (reason === 'unauthorized' && token.isRenewable && triedTokens < maxTokens) {
      void token.renew().then(pollWithFreshToken)
    } else {
      unauthorized = true
    }
  }

  function pollWithFreshToken(isRenewed: boolean): void {
    // A source that is down for a while gives none, and none that could be refused.
    if (isRenewed) triedTokens++
    if (subscribers.size === 0 || polling.isActive) return
    if (isRenewed) void polling.now()
    else polling.after(backoff.next(rhythmMs()))
  }

  // Subscribers and the page

  /** Takes what all subscribers together want; whether that has changed. */
  function select(): boolean {
    const wanted = new Set([...subscribers.values()].flatMap(({ channels }) => channels))
    const next = toSelection([...wanted], minutes)
    if (!next || (selection && selectionKey(next) === selectionKey(selection))) return false
    selection = next
    reader.select(next)
    return true
  }

  /** Once for all who come and go in one turn, as the widgets of a page do. */
  function selectSoon(): void {
    if (!isSelecting) queueMicrotask(applySelection)
    isSelecting = true
  }

  function applySelection(): void {
    isSelecting = false
    if (subscribers.size === 0) return
    const hasChanged = select()
    if (isStarting) {
      void polling.now()
    } else if (hasChanged) {
      transports.resubscribe()
      // A poll under way is for what was selected before.
      if (polling.isUnderWay || !(transports.proved || polling.isHeldBack)) void polling.now()
    }
    isStarting = false
    views.update()
  }

  function start(): void {
    isStarting = true
    page.start(onPageChange)
  }

  function stop(): void {
    isStarting = false
    page.stop()
    polling.stop()
    transports.stop()
  }

  function onPageChange(change: PageChange): void {
    if (change === 'gone') {
      polling.stop()
      transports.stop()
    } else if (change === 'back') {
      void polling.now()
    } else if (change === 'asleep') {
      transports.stop()
      if (!unauthorized) polling.whenDue()
    } else if (transports.proved && isStale()) {
      // Whoever has slept was not told that the connection has ended meanwhile.
      transports.proved.connection.drop()
    } else if (!transports.proved && !unauthorized) {
      polling.whenDue()
    }
    views.update()
  }

  return {
    get view() {
      return views.current
    },
    subscribe(channels, listener) {
      const known = new Set<ChannelName>(channelNames)
      const unknown = channels.find(channel => !known.has(channel))
      if (unknown !== undefined) throw new TypeError(`There is no channel ${unknown}`)
      const key = Symbol('subscriber')
      subscribers.set(key, { channels, listener })
      if (subscribers.size === 1) start()
      selectSoon()
      views.update()
      return () => {
        if (!subscribers.delete(key)) return
        if (subscribers.size === 0) stop()
        else selectSoon()
        views.update()
      }
    },
    refresh: polling.now,
  }
}
