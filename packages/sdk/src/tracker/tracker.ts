import { toAddress, toEventsUrl } from './address.ts'
import { createAdoption } from './adoption.ts'
import type { CaptureContext, EventHook, Listen } from './capture-context.ts'
import { type EventDetails, toEvent, toJson, toProperties } from './event.ts'
import type { Host } from './host.ts'
import { newId } from './new-id.ts'
import { createOutbox } from './outbox.ts'
import { createPageViews } from './page-views.ts'
import { type PageEvent, isVisible, watchUrl } from './page.ts'
import { createPresence } from './presence.ts'
import { heartbeatName, leaveName, pageViewName } from './protocol-values.ts'
import type { EventResult, Later } from './request.ts'
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
  const { siteId, baseUrl, privacyControl, heartbeatIntervalMs = 30_000 } = options
  const { document, window, location, navigator = {}, screen } = host
  const startedAt = host.Date.now() - host.performance.now()
  const client = newId(host)
  const url = toEventsUrl(siteId, baseUrl, location)
  const [store, listNames] = createStore(host, `tidemark ${url} `)
  const counts = { accepted: 0, rejected: 0, dropped: 0 }
  const onPause: (() => void)[] = []
  const hooks: EventHook[] = []
  const facts: Record<string, unknown> = {
    automated: navigator.webdriver ? true : undefined,
    screen: screen && `${screen.width}x${screen.height}`,
    language: navigator.language,
    touch: navigator.maxTouchPoints,
  }
  /** Whether the tracker must not use ids and the storage. */
  const hasControl = privacyControl !== 'ignore' && navigator.globalPrivacyControl
  let off: TrackerState | undefined =
    (hasControl && privacyControl === 'off') ||
    (options.respectDoNotTrack && navigator.doNotTrack === '1')
      ? 'privacy_signal'
      : undefined
  let isStarted = false
  let hasView = false
  let n = 0
  let userId: unknown
  let common: unknown
  let isPersistent = options.persist && !hasControl

  const now = (): number => Math.round(startedAt + host.performance.now())
  const later: Later = (run, delayMs) => host.setTimeout(() => guarded(run), delayMs)

  function count(result: EventResult, reason?: unknown): void {
    counts[result] += 1
    options.debug?.(result, reason)
  }

  /** Runs a function and counts its exception as a dropped event. The page never sees it. */
  function guarded(run: () => unknown): void {
    try {
      if (!off) run()
    } catch (error) {
      count('dropped', error)
    }
  }

  // A listener stays in place after `stop`, as the patch of `history` must; it then has no effect.
  const listen: Listen = (target, type, listener) =>
    target.addEventListener(type, event => guarded(() => listener(event)), true)

  const outbox = createOutbox(store, listNames, client, count)
  const [entries, add, , setDurable, isDurable, bound, clear] = outbox
  const [schedule, flush, leave, start, sendOnce, state] = createSender(
    host,
    url,
    client,
    outbox,
    facts,
    now,
    later,
    count,
    () => search(true),
  )
  const search = createAdoption(host, now, later, isDurable, bound, schedule)
  const [currentUrl, openView, move, flushView, announce] = createPageViews(
    host,
    later,
    options.pageViews ?? true,
    text => (document ? toAddress(document, options.hash, text) : text),
    endView,
    (referrer, title) => record(pageViewName, { referrer, title }),
  )
  const [touch, resume] = createPresence(host, later, document ? heartbeatIntervalMs : 0, () =>
    sendOnce(toSignal(heartbeatName)),
  )

  /**
   * Completes an event and lets the site change it. Returns `undefined` if the event is not to be sent.
   * @param base properties that those of the event replace
   */
  function complete(details: EventDetails, base?: unknown): object | undefined {
    if (isOptedOut()) return undefined
    let event = toEvent(
      {
        userId,
        visitorId: hasControl ? undefined : options.visitorId,
        url: currentUrl(),
        ...details,
      },
      base,
    )
    // `tidemark.extra.js` sets `beforeSend` late.
    for (const hook of [...hooks, options.beforeSend])
      if (hook) event = event && toEvent(hook(event))
    return event
  }

  /** Returns a presence event as JSON. A page without an address has none. */
  function toSignal(name: string): string | undefined {
    const event = currentUrl() && complete({ name })
    return event && toJson(event)
  }

  /** Adds an event to the outbox. */
  function record(name: unknown, details: EventDetails, isActivity = true): void {
    guarded(() => {
      const event = complete({ ...details, name, title: details.title ?? document?.title }, common)
      if (!event) return count('dropped', 'invalid')
      const json = toJson({ n: (n += 1), timestamp: now(), ...event })
      options.debug?.(json)
      add(`${client} ${n}`, json)
      hasView ||= name === pageViewName
      schedule()
      if (isActivity) touch()
    })
  }

  const context: CaptureContext = {
    listen,
    now,
    record: (name, properties, value) => record(name, { properties, value }, false),
    track: (name, properties, details) =>
      guarded(() => {
        flushView()
        record(name, { properties, value: details?.value })
      }),
    onEvent: hook => void hooks.unshift(hook),
    onPause: run => void onPause.push(run),
    facts,
    store,
    isDurable: () => !!isPersistent,
  }

  /** Sends when the page is visible; the first time it begins a view. */
  function show(): void {
    if (!isVisible(host)) return
    if (!isStarted) {
      isStarted = true
      applyPersistence()
      if (!hasView) openView()
      touch()
      start()
    }
    resume()
    void flush()
  }

  /** Lets automatic events finish their measurements. */
  function endView(): void {
    for (const run of onPause) {
      try {
        run()
      } catch (error) {
        count('dropped', error)
      }
    }
  }

  /** Hands over all events, because a phone may stop a hidden page without another signal. */
  function hide(signal?: string, isLast?: boolean): void {
    if (!isStarted) return
    flushView()
    endView()
    leave(signal, isLast)
  }

  /** Begins or ends storing events. Events of a page that was never visible are not stored. */
  function applyPersistence(): void {
    if (!isStarted) return
    setDurable(!!isPersistent)
    if (isPersistent) search(false)
  }

  function optOut(): void {
    clear()
    store('setItem', flagName, '1')
    off ??= 'opted_out'
  }

  /**
   * Returns whether this page, an earlier one or another tab has opted out. The flag is read when it is needed, because
   * the first access to the storage of a page takes milliseconds.
   */
  function isOptedOut(): boolean {
    if (!off && store('getItem', flagName)) optOut()
    return off === 'opted_out'
  }

  guarded(() => {
    if (document && window) {
      listen(document, 'visibilitychange', () => (isVisible(host) ? show() : hide()))
      // A frozen page may be discarded without another event.
      listen(document, 'freeze', () => hide())
      // Safari does not always fire `visibilitychange` when a page is left, so `pagehide` is needed as well.
      // https://bugs.webkit.org/show_bug.cgi?id=151610
      // `unload` and `beforeunload` would keep the page out of the back/forward cache.
      // https://web.dev/articles/bfcache#never-use-the-unload-event
      listen(window, 'pagehide', () => hide(toSignal(leaveName), true))
      listen(window, 'pageshow', (event: PageEvent) => {
        if (!event.persisted) return
        // A page from the back/forward cache starts again: earlier requests may never be answered.
        hasView = isStarted = false
        show()
      })
      listen(window, 'online', flush)
      // An iframe that gets a size becomes visible without another event.
      listen(window, 'resize', () => isStarted || show())
      watchUrl(host, listen, isReplaced => guarded(() => isStarted && move(isReplaced)))
    }
    show()
  })

  return {
    track: context.track,
    pageView: (view = {}) => guarded(() => announce(view)),
    identify(id) {
      if (!hasControl) userId = id
    },
    setProperties: properties => guarded(() => (common = toProperties(common, properties))),
    reset() {
      userId = common = undefined
      store('removeItem', visitorName)
    },
    persist(isAllowed = true) {
      isPersistent = isAllowed && !hasControl
      guarded(applyPersistence)
    },
    optOut,
    exclude: optOut,
    optIn() {
      if (!isOptedOut()) return
      // Discards the measurements of the time without consent: `record` has no effect yet.
      endView()
      store('removeItem', flagName)
      off = undefined
      isStarted = false
      guarded(show)
    },
    use: capture => guarded(() => capture(context)),
    async flush() {
      guarded(flushView)
      if (!off) await flush()
    },
    stop() {
      guarded(hide)
      off ??= 'stopped'
    },
    get counts() {
      return { ...counts, waiting: entries.size }
    },
    get state() {
      isOptedOut()
      return off ?? state()
    },
  }
}
