import type { Browser, Page } from 'playwright-core'
import { setTimeout as delay } from 'node:timers/promises'
import type { BuiltTracker } from './build.ts'
import { sizesOf } from './site.ts'
import { type Visit, eventNames, laterEventName, visit } from './visit.ts'

/** Duration of the outage, in milliseconds. */
export const outageMs = 6000

/** Time until a visitor who has left opens the site again, in milliseconds. */
export const returnMs = 35_000

/** Time from the end of the outage to one more event of the page, in milliseconds. */
export const laterEventMs = 10_000

/** Wait after a page has been left, in milliseconds: requests that outlive it are sent at once. */
const leftMs = 10_000

declare global {
  /** Tracks an event with the tracker of the page. */
  var trackEvent: (name: string) => void
}

/** Result of an experiment that may lose events. */
export interface Delivery {
  /** Number of events that have arrived without another visit. */
  readonly delivered: number
  /** The same with another visit; `undefined` if there was none. */
  readonly afterReturn?: number
  /** Number of events that have arrived more than once. */
  readonly repeated: number
}

/** Result of a page view and ten events without a failure. */
export interface Normal extends Delivery {
  readonly bytes: number
  readonly gzipBytes: number
  /** Names of files that the tracker has loaded from its server. */
  readonly loadedLater: readonly string[]
  readonly requests: number
  readonly preflights: number
  /** Size of bodies and of paths with queries, in bytes. */
  readonly sentBytes: number
}

export interface Results {
  readonly normal: Normal
  readonly navigation: Delivery
  readonly closing: Delivery
  readonly outage: Delivery
  readonly crash: Delivery
}

type Experiment<Result> = (browser: Browser, built: BuiltTracker) => Promise<Result>

/** The experiments by the name of their result. */
export const experiments: { [Name in keyof Results]: Experiment<Results[Name]> } = {
  normal: (browser, built) => visit(browser, built, trackNormally),
  navigation: (browser, built) =>
    visit(browser, built, each =>
      leave(each, page =>
        page.evaluate(
          ({ names, url }) => {
            for (const name of names) trackEvent(name)
            location.href = url
          },
          { names: eventNames, url: each.site.otherUrl },
        ),
      ),
    ),
  closing: (browser, built) =>
    visit(browser, built, each =>
      leave(each, async page => {
        await trackAll(page)
        const closed = page.waitForEvent('close')
        // Closes the tab as a visitor does. After a script's `close()`, Chromium fires no `pagehide`.
        await page.close({ runBeforeUnload: true })
        await closed
      }),
    ),
  outage: (browser, built) => visit(browser, built, trackDuringOutage),
  crash: (browser, built) => visit(browser, built, crash),
}

/** Tracks events in one task. Does not wait for a promise of the tracker. */
const trackAll = (page: Page, names = eventNames): Promise<void> =>
  page.evaluate(list => {
    for (const name of list) trackEvent(name)
  }, names)

async function trackNormally(each: Visit): Promise<Normal> {
  const page = await each.open()
  await trackAll(page)
  await each.settle()
  const { requests, preflights } = each.collector
  const sizes = requests.map(
    ({ url, body }) => body.length + url.pathname.length + url.search.length,
  )
  return {
    ...sizesOf([...each.site.loaded.values(), ...each.collectorFiles.values()]),
    loadedLater: [...each.collectorFiles.keys()],
    requests: requests.length,
    preflights,
    sentBytes: sizes.reduce((sum, bytes) => sum + bytes, 0),
    delivered: each.delivered(),
    repeated: each.repeated(),
  }
}

async function leave(each: Visit, act: (page: Page) => Promise<void>): Promise<Delivery> {
  const page = await each.open()
  // The page may be gone before the call is answered.
  await act(page).catch(() => undefined)
  const leftAtMs = Date.now()
  await each.settle(leftMs)
  const delivered = each.delivered()
  if (delivered === eventNames.length) return { delivered, repeated: each.repeated() }
  await delay(Math.max(leftAtMs + returnMs - Date.now(), 0))
  return { delivered, ...(await comeBack(each)) }
}

async function comeBack(each: Visit): Promise<{ afterReturn: number; repeated: number }> {
  await each.open()
  await each.settle()
  return { afterReturn: each.delivered(), repeated: each.repeated() }
}

async function trackDuringOutage(each: Visit): Promise<Delivery> {
  const page = await each.open()
  await each.collector.stop()
  const startMs = Date.now()
  for (const name of eventNames) {
    await trackAll(page, [name])
    await delay(outageMs / (eventNames.length + 2))
  }
  await delay(Math.max(startMs + outageMs - Date.now(), 0))
  await each.collector.start()
  await each.settle(laterEventMs)
  if (each.delivered() < eventNames.length) {
    await trackAll(page, [laterEventName])
    await each.settle()
  }
  return { delivered: each.delivered(), repeated: each.repeated() }
}

async function crash(each: Visit): Promise<Delivery> {
  const page = await each.open()
  const session = await each.context.newCDPSession(page)
  const crashed = page.waitForEvent('crash')
  await each.collector.stop()
  await trackAll(page)
  // The command has no answer, as its renderer has ended.
  void session.send('Page.crash').catch(() => undefined)
  await crashed
  await each.collector.start()
  await delay(returnMs)
  return { delivered: each.delivered(), ...(await comeBack(each)) }
}
