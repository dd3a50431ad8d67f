import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BatchVerdict, EventBatch } from '@tidemark/protocol'
import type { Browser, BrowserContextOptions, Page, Response } from 'playwright-core'
import { type Playground, type PlaygroundOptions, startPlayground } from 'playground'
import { launchBrowser } from '../../scripts/browser.ts'

/** An event that the server has answered with 202, as the feed should show it. */
export interface AcceptedEvent {
  /** `client n`: which event it is, however often it was sent. */
  key: string
  /** What the feed says: the path of a page view, or the name of any other event. */
  label: string
}

export type PlaygroundTabsOptions = Pick<PlaygroundOptions, 'simulation'>

/** The playground in a real browser: a shop in one tab, its dashboard in another. */
export interface PlaygroundTabs {
  readonly playground: Playground
  readonly shop: Page
  readonly dashboard: Page
  /** What got 202, in the order of the answers, each once. */
  readonly accepted: readonly AcceptedEvent[]
  /** What the dashboard's feed shows, newest first. */
  readFeed(): Promise<string[]>
  /** What the feed has ever shown twice at the same time. */
  readDuplicates(): Promise<string[]>
  /** The most rows that the feed has ever shown at the same time. */
  readMaxRows(): Promise<number>
  /** The number in the big counter. */
  readCount(): Promise<number>
  /** The rows of the list of active pages. */
  readActivePages(): Promise<{ path: string; visitors: number }[]>
  /** A line of the panel, such as `Transport`. */
  readFact(name: string): Promise<string>
  /** Throws switches as a visitor of the dashboard does. */
  toggleSwitch(label: string): Promise<void>
  /** Tracks events in the shop, as its own code would. */
  track(...names: string[]): Promise<void>
  /** Opens one more dashboard, in a browser of its own. */
  openDashboard(options: BrowserContextOptions): Promise<Page>
  close(): Promise<void>
}

/**
 * @param simulation whether shoppers come by themselves. Turned on later they may have no hour behind
 *   them, as they come after the last minute that had an event: that of the stage's own visit.
 */
export async function openPlaygroundTabs({
  simulation = 'off',
}: PlaygroundTabsOptions = {}): Promise<PlaygroundTabs> {
  const dataDir = await mkdtemp(join(tmpdir(), 'tidemark-browser-'))
  const playground = await startPlayground({ port: 0, dataDir, simulation })
  const browser = await launchBrowser()
  const accepted: AcceptedEvent[] = []
  const openDashboard = (options: BrowserContextOptions): Promise<Page> =>
    openPage(browser, `${playground.url}/dashboard`, { options })
  const dashboard = await openDashboard({ viewport })
  await watchFeed(dashboard)
  const shop = await openPage(browser, playground.url, {
    options: { viewport },
    prepare: page => recordAccepted(page, accepted),
  })

  return {
    playground,
    shop,
    dashboard,
    accepted,
    readFeed: () => dashboard.locator('.tm-feed .tm-entry__primary').allInnerTexts(),
    readDuplicates: () => dashboard.evaluate(() => [...(globalThis as FeedWindow).doubles]),
    readMaxRows: () => dashboard.evaluate(() => (globalThis as FeedWindow).mostRows),
    async readCount() {
      const text = await dashboard.locator('.tm-counter__value .tm-hidden').textContent()
      return Number(text?.replaceAll(/\D/g, ''))
    },
    readActivePages: () => readList(dashboard, 'Active pages'),
    async readFact(name) {
      const fact = dashboard.locator('.panel__facts > div', {
        has: dashboard.getByText(name, { exact: true }),
      })
      return await fact.locator('dd').innerText()
    },
    async toggleSwitch(label) {
      await dashboard.getByRole('switch', { name: label }).click()
    },
    async track(...names) {
      await shop.evaluate(all => {
        for (const name of all) (globalThis as TrackedWindow).tidemark.track(name)
      }, names)
    },
    openDashboard,
    async close() {
      await browser.close()
      await playground.close()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

type TrackedWindow = typeof globalThis & { tidemark: { track(name: string): void } }
type FeedWindow = typeof globalThis & { doubles: Set<string>; mostRows: number }

const viewport = { width: 1440, height: 1000 }

/** A page that may say nothing on its console but what a cut network makes the browser itself say. */
async function openPage(
  browser: Browser,
  url: string,
  { options, prepare }: { options: BrowserContextOptions; prepare?: (page: Page) => void },
): Promise<Page> {
  const context = await browser.newContext({ userAgent: personalAgent(browser), ...options })
  const page = await context.newPage()
  prepare?.(page)
  page.on('pageerror', error => {
    throw error
  })
  await page.goto(url)
  return page
}

/** What the same browser says when a person has it: without one it says so, and counts as a bot. */
function personalAgent(browser: Browser): string {
  const engine = 'AppleWebKit/537.36 (KHTML, like Gecko)'
  return `Mozilla/5.0 (X11; Linux x86_64) ${engine} Chrome/${browser.version()} Safari/537.36`
}

function recordAccepted(page: Page, accepted: AcceptedEvent[]): void {
  const known = new Set<string>()
  page.on('response', (response: Response) => {
    if (response.status() !== 202) return
    const batch: EventBatch = JSON.parse(response.request().postData() ?? '{}')
    void response.json().then((verdict: BatchVerdict) => {
      const rejected = new Set(verdict.rejected.map(({ index }) => index))
      for (const [index, event] of batch.events.entries()) {
        const key = `${batch.client} ${event.n}`
        if (event.n === undefined || rejected.has(index) || known.has(key)) continue
        known.add(key)
        const path = new URL(event.url ?? batch.url ?? '').pathname
        accepted.push({ key, label: event.name === 'page_view' ? path : event.name })
      }
    })
  })
}

/** Remembers what the feed shows twice at one moment, and its most rows, for as long as the page lives. */
async function watchFeed(page: Page): Promise<void> {
  await page.evaluate(() => {
    const seen = Object.assign(globalThis, { doubles: new Set<string>(), mostRows: 0 })
    const look = (): void => {
      const rows = [...document.querySelectorAll('.tm-feed .tm-entry')]
      const shown = rows.filter(row => row.checkVisibility()).length
      seen.mostRows = Math.max(seen.mostRows, shown)
      const texts = [...document.querySelectorAll('.tm-feed .tm-entry__primary')]
        .map(entry => entry.textContent ?? '')
        .filter(text => text.startsWith('check_'))
      for (const [at, text] of texts.entries())
        if (texts.indexOf(text) !== at) seen.doubles.add(text)
    }
    new MutationObserver(look).observe(document.body, {
      childList: true,
      subtree: true,
      characterData: true,
      attributes: true,
      attributeFilter: ['class'],
    })
  })
}

async function readList(page: Page, title: string): Promise<{ path: string; visitors: number }[]> {
  const rows = page.getByRole('group', { name: title }).locator('.tm-row')
  const names = await rows.locator('.tm-row__name').allInnerTexts()
  const counts = await rows.locator('.tm-row__count').allInnerTexts()
  return names.map((path, at) => ({ path, visitors: Number(counts[at]?.replaceAll(/\D/g, '')) }))
}
