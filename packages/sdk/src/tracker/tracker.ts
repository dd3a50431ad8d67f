import { formatBatch } from './batch.ts'
import { browserPlatform } from './browser.ts'
import { byteLength } from './queued-event.ts'
import { type EventDetails, formatEvent } from './event.ts'
import { createLifecycle } from './lifecycle.ts'
import { createMemoryOutbox } from './outbox.ts'
import { createPageViews } from './page-views.ts'
import type { TrackerPlatform } from './platform.ts'
import { createPresence } from './presence.ts'
import { createSender } from './sender.ts'
import { type EventVerdict, createTransport } from './transport.ts'
import type { Tracker, TrackerOptions } from './types.ts'
import { pageViewName } from './protocol-values.ts'

/**
 * Creates a tracker and starts it.
 *
 * It sends nothing until the page is first visible, so a page that is only prerendered, or opened and closed in a
 * background tab, does not count. It never throws into the page and never keeps the page out of the back/forward
 * cache. Outside a page, as in a worker or on a server, it sends explicit calls only.
 *
 * @example
 * const tracker = createTracker({ siteId: 'my-site', baseUrl: 'https://stats.example.com/api' })
 * tracker.track('sign_up', { plan: 'pro' }, { value: 49 })
 */
export function createTracker(options: TrackerOptions): Tracker {
  const { siteId, baseUrl, visitorId, pageViews = true, hash = false } = options
  const { heartbeatIntervalMs = 30_000, respectDoNotTrack = false, debug = false } = options
  const basePlatform: TrackerPlatform = { ...browserPlatform(), ...options.platform }
  // All timers are guarded here. After `stop` they have no effect.
  const platform: TrackerPlatform = {
    ...basePlatform,
    after: (delayMs, run) => basePlatform.after(delayMs, () => guarded(run)),
  }
  const { page } = platform
  const client = platform.newId()
  const counts = { accepted: 0, rejected: 0, dropped: 0 }
  let lastN = 0
  let isActive = !(respectDoNotTrack && page?.hasOptOutSignal())

  function log(message: string): void {
    if (debug) platform.log(message)
  }

  function count(...[result, reason]: EventVerdict): void {
    counts[result] += 1
    log(`${result} ${reason}`)
  }

  /** Runs a function and counts its exception as a dropped event. The page never sees it. */
  function guarded(run: () => void): void {
    try {
      if (isActive) run()
    } catch (error) {
      count('dropped', String(error))
    }
  }

  const outbox = createMemoryOutbox(() => count('dropped', 'outbox_limit'))
  const base = `${baseUrl}/`.replace(/\/+$/, '/')
  const transport = createTransport(platform, `${base}sites/${encodeURIComponent(siteId)}/events`)
  const sender = createSender({ platform, transport, outbox, onDecided: count })
  const views =
    page && createPageViews(platform, page, pageViews, hash, view => record(pageViewName, view))
  const presence = page && createPresence(platform, heartbeatIntervalMs, sendPresence)

  function record(name: string, details: EventDetails): void {
    const at = platform.now()
    const n = lastN + 1
    const json = formatEvent(name, { ...details, n, timestamp: at, visitorId })
    if (!json) return count('dropped', 'name_invalid')
    lastN = n
    log(json)
    sender.add({ client, n, at, json, bytes: byteLength(json) })
    presence?.touch()
  }

  function sendPresence(name: string, leaving: boolean): void {
    const json = formatEvent(name, { visitorId, url: views?.url })
    if (json) sender.sendOnce(formatBatch(client, platform.now(), [json], page?.automated), leaving)
  }

  let unwatch = (): void => {}
  guarded(() => {
    if (!page || !views || !presence) return sender.start()
    const handleSignal = createLifecycle(page, views, presence, sender)
    unwatch = page.watch(signal => guarded(() => handleSignal(signal)))
    handleSignal()
  })

  return {
    track(name, properties, details) {
      guarded(() => {
        views?.flush()
        record(name, { url: views?.url, title: page?.title(), properties, value: details?.value })
      })
    },
    pageView(view = {}) {
      guarded(() => (views ? views.announce(view) : record(pageViewName, view)))
    },
    async flush() {
      guarded(() => views?.flush())
      if (isActive) await sender.flush()
    },
    stop() {
      guarded(() => {
        unwatch()
        views?.flush()
        sender.leave()
      })
      isActive = false
    },
    get counts() {
      return { ...counts, waiting: outbox.size }
    },
  }
}
