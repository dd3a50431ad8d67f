import type { Browser, Page } from 'puppeteer-core'
import { expect, vi } from 'vitest'
import type { Deployment } from './deployment.ts'
import { shortenJitter } from './shorten-jitter.ts'

/** The dashboard in its own window of any browser. */
export interface Dashboard {
  readonly page: Page
  /** Name of the active transport, as the panel shows it. */
  transportText(): Promise<string>
  /** Text of the connection indicator. */
  indicatorText(): Promise<string>
  /** Status text in the header of the feed. */
  feedStatusText(): Promise<string>
  /** Distinct cache states of nginx in the answers to polls. */
  cacheStates(): readonly string[]
  /** Waits until the feed shows the newest tracked events, and expects no fault on the way. */
  expectFeed(): Promise<void>
  /** Like `expectFeed`, and waits until the counter shows all visitors; they stay active for five minutes. */
  expectFeedAndCount(): Promise<void>
}

/** Longer than the interval of polls: two seconds, and several more after failures. */
export const shortWait = { timeout: 30_000, interval: 50 }

/** Number of rows in the feed at this screen width. */
const feedSize = 15

/** @param prepare runs in the page before its scripts */
export async function openDashboard(
  browser: Browser,
  deployment: Deployment,
  prepare?: () => void,
): Promise<Dashboard> {
  // A tab behind another tab is hidden, so each dashboard has its own window.
  const page = await browser.newPage({ type: 'window' })
  const cacheStates = new Set<string>()
  page.on('response', response => {
    if (response.url().includes('/realtime?')) cacheStates.add(response.headers()['x-cache'] ?? '')
  })
  await page.evaluateOnNewDocument(shortenJitter)
  await page.evaluateOnNewDocument(watchFeed)
  if (prepare) await page.evaluateOnNewDocument(prepare)
  await page.goto(deployment.url)
  const textOf = (selector: string): Promise<string> =>
    page.evaluate(query => document.querySelector(query)?.textContent?.trim() ?? '', selector)

  async function expectFeed(): Promise<void> {
    const newest = deployment.tracked.slice(0, feedSize)
    await vi.waitFor(async () => expect(await readFeed(page)).toEqual(newest), shortWait)
    const faults = await page.evaluate(() => document.documentElement.dataset['faults'])
    expect(faults, 'feed rows with a gap, a duplicate or a step back').toBeUndefined()
  }

  return {
    page,
    transportText: () => textOf('.panel__facts dd'),
    indicatorText: () => textOf('.tm-indicator button'),
    feedStatusText: () => textOf('.tm-feed .tm-status button'),
    cacheStates: () => [...cacheStates],
    expectFeed,
    async expectFeedAndCount() {
      await expectFeed()
      const visitors = String(deployment.tracked.length)
      const count = (): Promise<string> => textOf('.tm-counter__value')
      await vi.waitFor(async () => expect(await count()).toBe(visitors), shortWait)
    },
  }
}

function readFeed(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll('.tm-feed .tm-entry__primary')].map(row => row.textContent ?? ''),
  )
}

/** Runs in the page before its scripts. Records a fault when the feed's rows are not an unbroken, growing sequence. */
function watchFeed(): void {
  let newest = 0
  const check = (): void => {
    const all = [...document.querySelectorAll('.tm-feed .tm-entry__primary')]
    // Rows that are being removed stay in the document, but are not visible.
    const rows = all.filter(row => row.checkVisibility())
    const numbers = rows.map(row => Number(row.textContent?.replace('check_', '')))
    const [first = newest] = numbers
    const isUnbroken = numbers.every((number, index) => number === first - index)
    if (!isUnbroken || first < newest)
      document.documentElement.dataset['faults'] = numbers.join(' ')
    newest = first
  }
  new MutationObserver(check).observe(document, { childList: true, subtree: true })
}
