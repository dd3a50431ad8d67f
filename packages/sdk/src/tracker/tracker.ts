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
 * Starts to track the page.
 *
 * Nothing is sent until the page is first seen, so one that is only prerendered, or opened in a
 * background tab and closed there, is never counted. It never throws into the page, and keeps nothing
 * open that would keep the page from the back/forward cache. Outside a page (in a worker, on a server)
 * it observes nothing and sends what it is called with.
 *
 * @example
 * const tracker = createTracker({ siteId: 'my-site', baseUrl: 'https://stats.example.com/api' })
 * tracker.track('sign_up', { plan: 'pro' }, { value: 49 })
 */
export function createTracker(options: TrackerOptions): Tracker {
  const { siteId, baseUrl, visitorId, pageViews = true, hash = false } = options
  const { heartbeatIntervalMs = 30_000, respectDoNotTrack = false, debug = false } = options
  const given: TrackerPlatform = { ...browserPlatform(), ...options.platform }
  // What runs later is guarded here, once for all that is built on it; and after `stop` it does nothing.
  const platform: TrackerPlatform = {
    ...given,
    after: (delayMs, run) => given.after(delayMs, () => guarded(run)),
  }
  const { page } = platform
  const client = platform.newId()
  const counts = { accepted: 0, rejected: 0, dropped: 0 }
  let lastN = 0
  let active = !(respectDoNotTrack && page?.asksNotToTrack())

  function log(message: string): void {
    if (debug) platform.log(message)
  }

  function count(...[result, reason]: EventVerdict): void {
    counts[result] += 1
    log(`${result} ${reason}`)
  }

  /** Whatever goes wrong in here is counted here; the page never hears of it. */
  function guarded(run: () => void): void {
    try {
      if (active) run()
    } catch (error) {
      count('dropped', String(error))
    }
  }

  const outbox = createMemoryOutbox(() => count('dropped', 'outbox_limit'))
  const base = `${baseUrl}/`.replace(/\/+$/, '/')
  const transport = createTransport(platform, `${base}sites/${encodeURIComponent(siteId)}/events`)
  const sender = createSender({ platform, transport, outbox, onSettled: count })
  const views =
    page && createPageViews(platform, page, pageViews, hash, view => record(pageViewName, view))
  const presence = page && createPresence(platform, heartbeatIntervalMs, say)

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

  function say(name: string, leaving: boolean): void {
    const json = formatEvent(name, { visitorId, url: views?.url })
    if (json) sender.say(formatBatch(client, platform.now(), [json], page?.automated), leaving)
  }

  let unwatch = (): void => {}
  guarded(() => {
    if (!page || !views || !presence) return sender.start()
    const take = createLifecycle(page, views, presence, sender)
    unwatch = page.watch(signal => guarded(() => take(signal)))
    take()
  })

  return {
    track(name, properties, details) {
      guarded(() => {
        views?.settle()
        record(name, { url: views?.url, title: page?.title(), properties, value: details?.value })
      })
    },
    pageView(view = {}) {
      guarded(() => (views ? views.announce(view) : record(pageViewName, view)))
    },
    async flush() {
      guarded(() => views?.settle())
      if (active) await sender.flush()
    },
    stop() {
      guarded(() => {
        unwatch()
        views?.settle()
        sender.leave()
      })
      active = false
    },
    get counts() {
      return { ...counts, waiting: outbox.size }
    },
  }
}
