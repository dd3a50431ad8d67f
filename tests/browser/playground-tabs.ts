import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BatchVerdict, type EventBatch, isAutomatic } from '@tidemark/protocol'
import type { Browser, BrowserContextOptions, Page, Response } from 'playwright-core'
import { type Playground, type PlaygroundOptions, startPlayground } from 'playground'
import { launchBrowser } from '../../scripts/browser.ts'
import { shortenJitter } from './shorten-jitter.ts'

/** An event that the server accepted with 202, and that the feed shows. */
export interface AcceptedEvent {
  /** Identity of the event: `client n`, the same for repetitions. */
  key: string
  /** Text in the feed: the path of a page view, or the name of another event. */
  label: string
}

export type PlaygroundTabsOptions = Pick<PlaygroundOptions, 'simulation'>

/** The playground in a real browser: a shop in one tab, its dashboard in another. */
export interface PlaygroundTabs {
  readonly playground: Playground
  readonly shop: Page
  readonly dashboard: Page
  /** Accepted events in the order of the answers, without repetitions. */
  readonly accepted: readonly AcceptedEvent[]
  /** Texts of the dashboard's feed, newest first. */
  readFeed(): Promise<string[]>
  /** Texts that the feed has shown twice at the same time. */
  readDuplicates(): Promise<string[]>
  /** Largest number of rows that the feed has shown at the same time. */
  readMaxRows(): Promise<number>
  /** Number in the visitor counter. */
  readCount(): Promise<number>
  /** Rows of the list of active pages. */
  readActivePages(): Promise<{ path: string; visitors: number }[]>
  /** Value of a fact in the network panel, such as `Transport`. */
  readFact(name: string): Promise<string>
  /** Clicks a switch of the dashboard. */
  toggleSwitch(label: string): Promise<void>
  /** Tracks events with the shop's tracker. */
  track(...names: string[]): Promise<void>
  /** Opens another dashboard, in a separate browser context. */
  openDashboard(options: BrowserContextOptions): Promise<Page>
  close(): Promise<void>
}

/**
 * @param simulation whether simulated shoppers visit the shop. When it is turned on later, it may generate no past hour
 *   of traffic: it starts after the last minute with an event, which is the visit of these tabs.
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
    readDuplicates: () => dashboard.evaluate(() => [...(globalThis as FeedWindow).duplicates]),
    readMaxRows: () => dashboard.evaluate(() => (globalThis as FeedWindow).mostRows),
    async readCount() {
      const text = await dashboard.locator('.tm-counter__value').textContent()
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
type FeedWindow = typeof globalThis & { duplicates: Set<string>; mostRows: number }

const viewport = { width: 1440, height: 1000 }

/** Opens a page. An uncaught error in the page fails the test. */
async function openPage(
  browser: Browser,
  url: string,
  { options, prepare }: { options: BrowserContextOptions; prepare?: (page: Page) => void },
): Promise<Page> {
  const context = await browser.newContext({
    userAgent: userAgentWithoutHeadless(browser),
    ...options,
  })
  const page = await context.newPage()
  prepare?.(page)
  await page.addInitScript(shortenJitter)
  page.on('pageerror', error => {
    throw error
  })
  await page.goto(url)
  return page
}

/** User agent of the same browser without headless mode. The server counts a headless browser as a bot. */
function userAgentWithoutHeadless(browser: Browser): string {
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
        if (isAutomatic(event.name)) continue
        known.add(key)
        const path = new URL(event.url ?? batch.url ?? '').pathname
        accepted.push({ key, label: event.name === 'page_view' ? path : event.name })
      }
    })
  })
}

/** Records duplicates in the feed and its largest number of rows, until the page closes. */
async function watchFeed(page: Page): Promise<void> {
  await page.evaluate(() => {
    const record = Object.assign(globalThis, { duplicates: new Set<string>(), mostRows: 0 })
    const check = (): void => {
      const rows = [...document.querySelectorAll('.tm-feed .tm-entry')]
      const shown = rows.filter(row => row.checkVisibility()).length
      record.mostRows = Math.max(record.mostRows, shown)
      const texts = [...document.querySelectorAll('.tm-feed .tm-entry__primary')]
        .map(entry => entry.textContent ?? '')
        .filter(text => text.startsWith('check_'))
      for (const [index, text] of texts.entries())
        if (texts.indexOf(text) !== index) record.duplicates.add(text)
    }
    new MutationObserver(check).observe(document.body, {
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
  const counts = await rows.locator('.tm-row__value').allInnerTexts()
  return names.map((path, index) => ({
    path,
    visitors: Number(counts[index]?.replaceAll(/\D/g, '')),
  }))
}
