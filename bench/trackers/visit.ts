import type { Browser, BrowserContext, Page } from 'playwright-core'
import { setTimeout as delay } from 'node:timers/promises'
import type { BuiltTracker } from './build.ts'
import { type Collector, startCollector } from './collector.ts'
import { type Site, fileFinder, startSite } from './site.ts'

/** The names of the tracked events. */
export const eventNames: readonly string[] = Array.from(
  { length: 10 },
  (_, index) => `trial_event_${String(index + 1).padStart(2, '0')}`,
)

/** Name of the event that a page tracks when the collector has been back for a while. */
export const laterEventName = 'trial_event_later'

/** Longest wait for events, in milliseconds. The longest retry delay of the compared trackers is a minute. */
const windowMs = 75_000

/** Wait for repetitions of an event after all events have arrived, in milliseconds. */
const repetitionMs = 5000

/** Time without requests after which a page counts as quiet, in milliseconds. */
const quietMs = 3000

/** A visitor of a site with one tracker, in a browser profile of its own. */
export interface Visit {
  readonly context: BrowserContext
  readonly site: Site
  readonly collector: Collector
  /** JavaScript files that the tracker has loaded from the collector. */
  readonly collectorFiles: ReadonlyMap<string, Buffer>
  /** Opens the site in a new tab that scripts may close, and waits until its page view is sent. */
  open(): Promise<Page>
  /** Number of events that have arrived. */
  delivered(): number
  /** Number of events that have arrived more than once. */
  repeated(): number
  /** Waits until all events have arrived and can have been repeated, or until a time limit. */
  settle(limitMs?: number): Promise<void>
}

/** Runs an experiment with a new visitor. */
export async function visit<Result>(
  browser: Browser,
  built: BuiltTracker,
  experiment: (visit: Visit) => Promise<Result>,
): Promise<Result> {
  const collectorFiles = new Map<string, Buffer>()
  const collector = await startCollector(built.tracker, fileFinder(built, collectorFiles))
  const site = await startSite(built, collector.url)
  // Trackers ignore automated browsers.
  const userAgent = `Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${browser.version().split('.')[0]}.0.0.0 Safari/537.36`
  const context = await browser.newContext({ userAgent })
  context.setDefaultTimeout(windowMs)
  const counts = (): number[] => [...collector.count(eventNames).values()]
  const delivered = (): number => counts().filter(count => count > 0).length
  try {
    return await experiment({
      context,
      site,
      collector,
      collectorFiles,
      open: () => openSite(context, site, collector),
      delivered,
      repeated: () => counts().filter(count => count > 1).length,
      async settle(limitMs = windowMs) {
        await waitUntil(() => delivered() === eventNames.length, limitMs)
        if (delivered() === eventNames.length) await delay(repetitionMs)
      },
    })
  } finally {
    await context.close()
    await site.close()
    await collector.stop()
  }
}

async function openSite(context: BrowserContext, site: Site, collector: Collector): Promise<Page> {
  const opener = await context.newPage()
  await opener.goto(site.otherUrl)
  const opened = context.waitForEvent('page')
  await opener.evaluate(url => void open(url), site.url)
  const page = await opened
  page.on('pageerror', error => console.error(`${site.url}: ${error.message}`))
  await page.waitForLoadState('load')
  const loadedAt = Date.now()
  await waitUntil(
    () => Date.now() - Math.max(loadedAt, collector.lastRequestAt) > quietMs,
    windowMs,
  )
  return page
}

async function waitUntil(condition: () => boolean, limitMs: number): Promise<void> {
  const startMs = Date.now()
  while (!condition() && Date.now() - startMs < limitMs) await delay(100)
}
