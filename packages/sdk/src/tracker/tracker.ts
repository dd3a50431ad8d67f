import { parseUrl, toAddress, toEventsUrl } from './address.ts'
import { createAdoption } from './adoption.ts'
import type { CaptureContext, Listen } from './capture-context.ts'
import { type EventDetails, toEvent, toJson, toProperties } from './event.ts'
import { readFacts } from './facts.ts'
import type { Host, Timer } from './host.ts'
import { newId } from './new-id.ts'
import { createOutbox, toEntry } from './outbox.ts'
import { createPageViews } from './page-views.ts'
import { isVisible, watchPage } from './page.ts'
import { createPresence } from './presence.ts'
import { readPrivacySignals } from './privacy.ts'
import { heartbeatName, leaveName, pageViewName } from './protocol-values.ts'
import type { EventVerdict } from './request.ts'
import { createSender } from './sender.ts'
import { createStore, flagName, visitorName } from './store.ts'
import type { AnyEvents, EventMap, Tracker, TrackerOptions, TrackerState } from './types.ts'

/**
 * Creates a tracker and starts it.
 *
 * It sends nothing until the page is first visible, so a page that is only prerendered, or opened and closed in a
 * background tab, does not count. It never throws into the page and never keeps the page out of the back/forward
 * cache. Outside a page, as in a worker or on a server, it sends explicit calls only.
 *
 * @param host the globals to use
 * @example
 * const tracker = createTracker({ siteId: 'my-site', baseUrl: 'https://stats.example.com/api' })
 * tracker.track('sign_up', { plan: 'pro' }, { value: 49 })
 */
export function createTracker<Events extends EventMap<Events> = AnyEvents>(
  options: TrackerOptions,
  host: Host = globalThis,
): Tracker<Events> {
  const { siteId, baseUrl, heartbeatIntervalMs = 30_000 } = options
  const { document, location } = host
  const startedAt = host.Date.now() - host.performance.now()
  const client = newId(host)
  const url = toEventsUrl(siteId, baseUrl, location)
  const store = createStore(host, `tidemark ${url} `)
  const counts = { accepted: 0, rejected: 0, dropped: 0 }
  const listeners = new host.AbortController()
  const onPause: (() => void)[] = []
  const hooks = options.beforeSend ? [options.beforeSend] : []
  const facts = readFacts(host)
  const { hasControl, isRefused } = readPrivacySignals(options, host)
  let off: TrackerState | undefined = isRefused ? 'privacy_signal' : undefined
  let isStarted = false
  let hasView = false
  let n = 0
  let userId: unknown
  let common: unknown
  let isPersistent = options.persist

  const now = (): number => Math.round(startedAt + host.performance.now())

  function later(delayMs: number, run: () => void): Timer {
    return host.setTimeout(() => guarded(run), delayMs)
  }

  function log(...message: string[]): void {
    if (options.debug) host.console.debug('[tidemark]', ...message)
  }

  function count(...[result, reason]: EventVerdict): void {
    counts[result] += 1
    log(result, reason)
  }

  function drop(reason: unknown): void {
    count('dropped', String(reason))
  }

  /** Runs a function and counts its exception as a dropped event. The page never sees it. */
  function guarded(run: () => unknown): void {
    try {
      if (!off) run()
    } catch (error) {
      drop(error)
    }
  }

  const listen: Listen = (target, type, listener) =>
    target.addEventListener(type, event => guarded(() => listener(event)), {
      capture: true,
      passive: true,
      signal: listeners.signal,
    })

  const outbox = createOutbox(store, client, drop)
  const sender = createSender({
    host,
    url,
    client,
    outbox,
    now,
    later,
    count,
    facts,
    onDecision: () => adoption.searchAfterAnswer(),
  })
  const adoption = createAdoption({ host, now, later, outbox, schedule: sender.schedule })
  const views = createPageViews({
    host,
    later,
    isAutomatic: options.pageViews ?? true,
    toUrl: text =>
      document
        ? toAddress(text ? parseUrl(document, text) : document.location, options.hash)
        : text,
    onEnd: endView,
    report: view =>
      guarded(() => {
        const before = n
        record({ ...view, name: pageViewName })
        hasView ||= n > before
      }),
  })

  const presence = createPresence({ host, later, now }, document ? heartbeatIntervalMs : 0, () => {
    const json = toSignal(heartbeatName)
    if (json) sender.sendOnce(json)
    return !!json
  })

  /** Completes an event and lets the site change it. Returns `undefined` if the event is not to be sent. */
  function complete(details: EventDetails): object | undefined {
    if (isOptedOut()) return undefined
    let event = toEvent({
      userId,
      visitorId: hasControl ? undefined : options.visitorId,
      ...details,
    })
    for (const hook of hooks) {
      const result = event && hook(event)
      event = result ? toEvent(result) : undefined
    }
    return event
  }

  /** Returns a presence event as JSON. A page without an address has none. */
  function toSignal(name: string): string | undefined {
    const event = views.url() && complete({ name, url: views.url() })
    return event && toJson(event)
  }

  function record(details: EventDetails, isActivity = true): void {
    const event = complete({ ...details, properties: toProperties(common, details.properties) })
    if (!event) return drop('name_invalid or before_send')
    const at = now()
    const json = toJson({ n: (n += 1), timestamp: at, ...event })
    log(json)
    outbox.add(toEntry(client, `${client} ${n}`, at, json))
    sender.schedule()
    if (isActivity) presence.touch()
  }

  const context: CaptureContext = {
    listen,
    now,
    record: (name, details) => guarded(() => record({ ...details, name, url: views.url() }, false)),
    track: (name, properties, details) =>
      guarded(() => {
        views.flush()
        const value = details?.value
        record({ name, url: views.url(), title: document?.title, properties, value })
      }),
    onEvent: hook => void hooks.unshift(hook),
    onPause: run => void onPause.push(run),
    facts,
    store,
    isDurable: () => outbox.isDurable,
    newId: () => newId(host),
  }

  /** Starts when the page is visible for the first time. */
  function show(): void {
    if (!isVisible(host)) return
    if (isStarted) {
      presence.resume()
      void sender.flush()
    } else {
      isStarted = true
      begin()
    }
  }

  /** Begins to send, at the start or after `optIn`. */
  function begin(): void {
    if (isPersistent) applyPersistence()
    if (!hasView) views.open()
    presence.touch()
    sender.start()
  }

  /** Lets automatic events finish their measurements. */
  function endView(): void {
    for (const run of onPause) {
      try {
        run()
      } catch (error) {
        drop(error)
      }
    }
  }

  /** Hands over all events, because a phone may stop a hidden page without another signal. */
  function hide(signal?: string, isLast?: boolean): void {
    views.flush()
    endView()
    sender.leave(signal, isLast)
  }

  /** Begins or ends storing events. Events of a page that was never visible are not stored. */
  function applyPersistence(): void {
    if (hasControl || !isStarted) return
    outbox.setDurable(!!isPersistent)
    if (isPersistent) adoption.bound()
  }

  function optOut(): void {
    presence.stop()
    outbox.clear()
    store.write(flagName, '1')
    off ??= 'opted_out'
  }

  /**
   * Returns whether this page, an earlier one or another tab has opted out. The flag is read when it is needed, because
   * the first access to the storage of a page takes milliseconds.
   */
  function isOptedOut(): boolean {
    if (!off && store.read(flagName)) optOut()
    return off === 'opted_out'
  }

  guarded(() => {
    watchPage(host, listen, {
      show,
      hide: () => isStarted && hide(),
      leave: () => isStarted && hide(toSignal(leaveName), true),
      restore() {
        if (isStarted) views.open()
        sender.restart()
        show()
      },
      move: isReplaced => guarded(() => isStarted && views.move(isReplaced)),
      retry: () => void (isStarted && sender.flush()),
    })
    show()
  })

  return {
    track: context.track,
    pageView: (view = {}) => guarded(() => views.announce(view)),
    identify(id) {
      if (!hasControl) userId = id
    },
    setProperties: properties => guarded(() => (common = toProperties(common, properties))),
    reset() {
      userId = common = undefined
      store.erase(visitorName)
    },
    persist(isAllowed = true) {
      isPersistent = isAllowed
      guarded(applyPersistence)
    },
    optOut,
    exclude: optOut,
    optIn() {
      if (!isOptedOut()) return
      // Discards the measurements of the time without consent: `record` has no effect yet.
      endView()
      store.erase(flagName)
      off = undefined
      guarded(() => (isStarted ? begin() : show()))
    },
    use: capture => guarded(() => capture(context)),
    async flush() {
      guarded(() => views.flush())
      if (!off) await sender.flush()
    },
    stop() {
      guarded(() => {
        listeners.abort()
        presence.stop()
        views.flush()
        sender.leave()
      })
      off ??= 'stopped'
    },
    get counts() {
      return { ...counts, waiting: outbox.entries.size }
    },
    get state() {
      isOptedOut()
      return off ?? sender.state()
    },
  }
}
