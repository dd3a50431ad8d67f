import type { Browser, Page } from 'puppeteer-core'
import { expect, vi } from 'vitest'
import type { Deployment } from './deployment.ts'

/** The dashboard in a tab of its own, in whichever browser. */
export interface Dashboard {
  readonly page: Page
  /** What brings the data, as the panel has it. */
  transportText(): Promise<string>
  /** What the connection's widget says. */
  indicatorText(): Promise<string>
  /** What the head of the feed says beside its title. */
  feedStatusText(): Promise<string>
  /** The states of nginx's cache in the answers to polls, each once. */
  cacheStates(): readonly string[]
  /** Waits until the feed shows all that was sent, and looks back on how it came there. */
  expectFeed(): Promise<void>
  /** The same, and that the counter has all whom it came from, which holds for five minutes. */
  expectFeedAndCount(): Promise<void>
}

/** A poll is two seconds away, and after failures up to some more. */
export const shortWait = { timeout: 30_000, interval: 50 }

/** What the dashboard asks of its feed on a screen as wide as this one. */
const feedSize = 15

/** @param prepare runs in the page from its beginning */
export async function openDashboard(
  browser: Browser,
  deployment: Deployment,
  prepare?: () => void,
): Promise<Dashboard> {
  // In a window of its own, as a tab behind another one is hidden.
  const page = await browser.newPage({ type: 'window' })
  const cacheStates = new Set<string>()
  page.on('response', response => {
    if (response.url().includes('/realtime?')) cacheStates.add(response.headers()['x-cache'] ?? '')
  })
  await page.evaluateOnNewDocument(watchFeed)
  if (prepare) await page.evaluateOnNewDocument(prepare)
  await page.goto(deployment.url)
  const textOf = (selector: string): Promise<string> =>
    page.evaluate(at => document.querySelector(at)?.textContent?.trim() ?? '', selector)

  async function expectFeed(): Promise<void> {
    const newest = deployment.tracked.slice(0, feedSize)
    await vi.waitFor(async () => expect(await feedOf(page)).toEqual(newest), shortWait)
    const faults = await page.evaluate(() => document.documentElement.dataset['faults'])
    expect(faults, 'what the feed has shown with a gap, a double or a step back').toBeUndefined()
  }

  return {
    page,
    transportText: () => textOf('.panel__facts dd'),
    indicatorText: () => textOf('.tm-indicator'),
    feedStatusText: () => textOf('.tm-feed .tm-status'),
    cacheStates: () => [...cacheStates],
    expectFeed,
    async expectFeedAndCount() {
      await expectFeed()
      const visitors = String(deployment.tracked.length)
      const count = (): Promise<string> => textOf('.tm-counter__value .tm-hidden')
      await vi.waitFor(async () => expect(await count()).toBe(visitors), shortWait)
    },
  }
}

function feedOf(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll('.tm-feed .tm-entry__primary')].map(row => row.textContent ?? ''),
  )
}

/** Runs in the page from its beginning, and remembers every sight of the feed that was not an unbroken run. */
function watchFeed(): void {
  let newest = 0
  const look = (): void => {
    const all = [...document.querySelectorAll('.tm-feed .tm-entry__primary')]
    // Rows that are on their way out are still there, and not seen.
    const rows = all.filter(row => row.checkVisibility())
    const numbers = rows.map(row => Number(row.textContent?.replace('check_', '')))
    const [first = newest] = numbers
    const isRun = numbers.every((number, at) => number === first - at)
    if (!isRun || first < newest) document.documentElement.dataset['faults'] = numbers.join(' ')
    newest = first
  }
  new MutationObserver(look).observe(document, { childList: true, subtree: true })
}
