import {
  type ChannelName,
  type Selection,
  channelNames,
  defaultMinutes,
  formatCursor,
  selectionKey,
  toSelection,
} from '@tidemark/protocol'
import { type Backoff, createBackoff } from './backoff.ts'
import { checkMinutes } from './minutes.ts'
import { currentPlatform } from './platform.ts'
import { type PollResult, poll } from './poll.ts'
import { createReader } from './reader.ts'
import type { LiveClient, LiveError, LiveOptions, LiveStatus, LiveView } from './types.ts'
import { type Upgrade, startUpgrade } from './upgrade.ts'

const defaultPollIntervalMs = 5000
/** A hidden page needs no fresh numbers, only not to be far behind when it is looked at. */
const hiddenPollIntervalMs = 60_000
const backoffMaxMs = 60_000
/** What a poll may take beyond its rhythm before what is on screen counts as stale. */
const staleSlackMs = 10_000

/**
 * A reader of one site's live numbers. It polls first, so it has data through any proxy; then it tries
 * a WebSocket beside the polling, and stops polling once that has proved itself; and when that is lost, it
 * polls again. All of them add to one mark, so nothing is missed and nothing comes twice.
 */
export function createLiveClient(options: LiveOptions): LiveClient {
  const platform = { ...currentPlatform(), ...options.platform }
  const { page } = platform
  const siteUrl = toSiteUrl(options, platform.href)
  const minutes = checkMinutes(options.minutes ?? defaultMinutes)
  const pollIntervalMs = options.pollIntervalMs ?? defaultPollIntervalMs
  const canUpgrade = options.upgrade ?? true
  const reader = createReader()
  const backoff: Backoff = createBackoff({
    baseMs: pollIntervalMs,
    maxMs: backoffMaxMs,
    random: platform.random,
  })
  const subscribers = new Map<symbol, Subscriber>()

  let selection: Selection | undefined
  let upgrade: Upgrade | undefined
  let polling: { abort: AbortController; done: Promise<void> } | undefined
  let pollTimer: unknown
  /** The next poll waits because the server said how long to stay away, so nothing brings it forward. */
  let isHeldBack = false
  let polledAt = 0
  let isNotifying = false
  let staleAt: number | undefined
  let staleTimer: unknown
  let syncedAt: number | undefined
  let error: LiveError | undefined
  let unauthorised = false
  let wasOffline = false
  let endSignals = (): void => {}
  let view: LiveView = { state: {}, status: readStatus() }

  // What is seen

  function readStatus(): LiveStatus {
    const isLive = upgrade?.isProved ?? false
    const isRunning = subscribers.size > 0 && !unauthorised
    return {
      phase: !isRunning ? 'idle' : isLive ? 'live' : upgrade?.isOpen ? 'upgrading' : 'polling',
      transport: !isRunning ? 'none' : isLive ? 'websocket' : 'poll',
      cursor: reader.mark && formatCursor(reader.mark.cursor),
      syncedAt,
      stale: isStale(),
      offline: isOffline(),
      paused: page?.isHidden() ?? false,
      unauthorised,
      error,
    }
  }

  function staleAfterMs(): number {
    return upgrade?.isProved ? upgrade.silenceMs : rhythmMs() + staleSlackMs
  }

  function isStale(): boolean {
    return syncedAt !== undefined && platform.now() >= syncedAt + staleAfterMs()
  }

  /** Sees to it that the moment is noticed from which on the state counts as stale. */
  function watchStaleness(): void {
    const isWatched = subscribers.size > 0
    const at = isWatched && syncedAt !== undefined ? syncedAt + staleAfterMs() : undefined
    if (at === staleAt) return
    staleAt = at
    platform.clearTimeout(staleTimer)
    if (at !== undefined) staleTimer = platform.setTimeout(update, at - platform.now())
  }

  function update(): void {
    // A clock that was set back must not make the state younger than now.
    if (syncedAt !== undefined) syncedAt = Math.min(syncedAt, platform.now())
    watchStaleness()
    const state = reader.mark?.state ?? view.state
    const status = readStatus()
    if (state === view.state && isSame(status, view.status)) return
    view = { state, status }
    if (!isNotifying) queueMicrotask(notify)
    isNotifying = true
  }

  /** Later, so that no listener is called before its `subscribe` has returned, and a burst calls it once. */
  function notify(): void {
    isNotifying = false
    for (const [key, { listener }] of [...subscribers]) {
      if (!subscribers.has(key)) continue
      try {
        listener(view)
      } catch (thrown) {
        // It is the page's to hear of, but not at the cost of the other listeners.
        platform.setTimeout(() => {
          throw thrown
        }, 0)
      }
    }
  }

  function synced(): void {
    syncedAt = platform.now()
    error = undefined
  }

  // Polling

  function isOffline(): boolean {
    return page ? !page.isOnline() : false
  }

  function rhythmMs(): number {
    return page?.isHidden() ? Math.max(hiddenPollIntervalMs, pollIntervalMs) : pollIntervalMs
  }

  function schedulePoll(delayMs: number): void {
    platform.clearTimeout(pollTimer)
    pollTimer = platform.setTimeout(() => void pollNow(), delayMs)
  }

  function stopPolling(): void {
    platform.clearTimeout(pollTimer)
    pollTimer = undefined
    isHeldBack = false
    polling?.abort.abort()
    polling = undefined
  }

  /** Polls again when something has changed, as soon as the rhythm and the server allow. */
  function pollWhenDue(): void {
    if (polling || isHeldBack) return
    // The clock may have been set back, by any time, since the last poll.
    const dueInMs = Math.min(rhythmMs(), polledAt + rhythmMs() - platform.now())
    if (dueInMs > 0) schedulePoll(dueInMs)
    else void pollNow()
  }

  function pollNow(): Promise<void> {
    stopPolling()
    if (!selection || unauthorised || isOffline()) return Promise.resolve()
    const abort = new AbortController()
    const done = poll(platform, siteUrl, selection, abort.signal).then(result => {
      // Another one has taken its place, whose answer is the one to wait for.
      if (abort.signal.aborted) return polling?.done
      polling = undefined
      takeResult(result)
      return undefined
    })
    polling = { abort, done }
    return done
  }

  function takeResult(result: PollResult): void {
    polledAt = platform.now()
    const goesOn = subscribers.size > 0 && !upgrade?.isProved
    if ('snapshot' in result) {
      reader.takeSnapshot(result.snapshot)
      backoff.reset()
      synced()
      if (goesOn) schedulePoll(rhythmMs())
      startUpgrading()
    } else {
      error = result.error
      if (result.status === 401 || result.status === 403) refuse()
      else if (goesOn) {
        isHeldBack = result.retryAfterMs > 0
        schedulePoll(Math.max(rhythmMs(), backoff.next(result.retryAfterMs)))
      }
    }
    update()
  }

  function refuse(): void {
    unauthorised = true
    stopPolling()
    stopUpgrading()
  }

  // Upgrading

  function startUpgrading(): void {
    if (upgrade || !canUpgrade || subscribers.size === 0) return
    upgrade = startUpgrade({
      platform,
      url: `${siteUrl.replace(/^http/, 'ws')}/realtime/ws`,
      reader,
      selection: () => selection ?? { channels: [], minutes },
      onNews(isCurrent) {
        if (isCurrent) synced()
        update()
      },
      onProved: stopPolling,
      onLost(refused) {
        if (refused) refuse()
        else if (!polling && pollTimer === undefined) void pollNow()
        update()
      },
    })
  }

  function stopUpgrading(): void {
    upgrade?.stop()
    upgrade = undefined
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

  function reselect(): void {
    if (!select()) return
    if (upgrade?.isOpen) upgrade.resubscribe()
    // A poll under way is for what was selected before.
    if (polling || !(upgrade?.isProved || isHeldBack)) void pollNow()
  }

  function start(): void {
    select()
    wasOffline = isOffline()
    endSignals = page?.onChange(onSignal) ?? (() => {})
    void pollNow()
  }

  function stop(): void {
    endSignals()
    stopPolling()
    stopUpgrading()
  }

  /** Back on the network, back in sight or back from sleep; or gone. */
  function onSignal(): void {
    const offline = isOffline()
    if (offline) {
      stopPolling()
      stopUpgrading()
    } else if (wasOffline) {
      void pollNow()
    } else if (upgrade?.isProved && isStale()) {
      // Whoever has slept was not told that the connection has ended meanwhile.
      upgrade.drop()
    } else if (!upgrade?.isProved && !unauthorised) {
      pollWhenDue()
    }
    wasOffline = offline
    update()
  }

  return {
    get view() {
      return view
    },
    subscribe(channels, listener) {
      const known = new Set<ChannelName>(channelNames)
      const unknown = channels.find(channel => !known.has(channel))
      if (unknown !== undefined) throw new TypeError(`There is no channel ${unknown}`)
      const key = Symbol('subscriber')
      subscribers.set(key, { channels, listener })
      if (subscribers.size === 1) start()
      else reselect()
      update()
      return () => {
        if (!subscribers.delete(key)) return
        if (subscribers.size === 0) stop()
        else reselect()
        update()
      }
    },
    async refresh() {
      await pollNow()
    },
  }
}

interface Subscriber {
  readonly channels: readonly ChannelName[]
  readonly listener: (view: LiveView) => void
}

function isSame(a: LiveStatus, b: LiveStatus): boolean {
  return (Object.keys(a) as (keyof LiveStatus)[]).every(name => a[name] === b[name])
}

/** @throws {TypeError} for a relative address where there is nothing that it could be relative to */
function toSiteUrl({ baseUrl, siteId }: LiveOptions, href: string | undefined): string {
  const base = new URL(baseUrl, href).href.replace(/\/+$/, '')
  return `${base}/sites/${encodeURIComponent(siteId)}`
}
