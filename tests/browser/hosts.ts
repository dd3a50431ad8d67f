import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { launchBrowser } from '../../scripts/browser.ts'
import { type PageServer, openHostPage, servePages, waitForData } from '../hosts/host-page.ts'
import { type Host, buildTimeoutMs, createHost } from '../hosts/host.ts'
import { renderOnServer } from '../hosts/node.ts'
import { type Site, startSite } from '../hosts/site.ts'

let host: Host
let site: Site
let browser: Browser
const shortWait = { timeout: 10_000, interval: 50 }

beforeAll(async () => {
  ;[host, site, browser] = await Promise.all([createHost(), startSite(), launchBrowser()])
}, buildTimeoutMs)
afterAll(async () => {
  await browser.close()
  await site.close()
  host.remove()
})

/** Runs in the page. @returns the names of functions that have returned no number yet */
function findMissing(terms: Element[]): (string | null)[] {
  return terms
    .filter(term => !/\d/.test(term.nextElementSibling?.textContent ?? ''))
    .map(term => term.textContent)
}

const pageUrl = (server: PageServer, name: string): string =>
  `${server.url}/${name}.html?api=${encodeURIComponent(site.apiUrl)}`

/** Tests of the app in a build with, or without, the warnings of Vue. */
export function describeApp(mode: 'development' | 'production'): void {
  describe(`Vue app, ${mode} build`, () => {
    testApp(mode)
  })
}

function testApp(mode: 'development' | 'production'): void {
  let server: PageServer

  beforeAll(async () => {
    server = await servePages(await host.buildPages(['index', 'options'], { mode }))
  })
  afterAll(() => server.close())

  it('shows numbers from the server in every component and function, without any message', async () => {
    const { page, messages } = await openHostPage(browser, pageUrl(server, 'index'))
    await vi.waitFor(async () => {
      expect(await page.locator('.functions dt').evaluateAll(findMissing)).toEqual([])
      const visitors = await page.locator('html').getAttribute('data-visitors')
      expect(visitors ?? '').toMatch(/^4[89]$/)
    }, shortWait)
    await waitForData(page)
    expect(messages).toEqual([])
    await page.context().close()
  })

  it('runs with the Options API and without a Pinia, without any message', async () => {
    const { page, messages } = await openHostPage(browser, pageUrl(server, 'options'))
    await waitForData(page)
    expect(messages).toEqual([])
    await page.context().close()
  })
}

/** Largest difference of a widget's height before and after its data arrives, in pixels. */
const heightTolerance = 2

/**
 * Heights in pixels of the widgets of a page, by name. Those of the dashboard are measured one by one: its last one, the
 * panel of values, exists only for a site with values in the last minute.
 */
function readHeights(page: Page): Promise<[string, number][]> {
  return page
    .locator('[data-widget]:not(.tm-dashboard), .tm-dashboard .tm-card:not(.tm-values)')
    .evaluateAll(widgets =>
      widgets.map(widget => [
        widget.getAttribute('data-widget') ?? `${widget.getAttribute('class')} ${widget.ariaLabel}`,
        widget.getBoundingClientRect().height,
      ]),
    )
}

/** Tests of a page with HTML from a server. @param languages of the page: `<html lang>` */
export function describeHydration(languages: readonly string[]): void {
  describe('Page with HTML from a server', () => {
    testHydration(languages)
  })
}

function testHydration(languages: readonly string[]): void {
  let server: PageServer
  let lang = 'en'

  beforeAll(async () => {
    const { html } = await renderOnServer(host)
    const folder = await host.buildPages(['hydrate'])
    server = await servePages(folder, (_, text) =>
      text
        .replace('<div id="app"></div>', () => `<div id="app">${html}</div>`)
        .replace('lang="en"', `lang="${lang}"`),
    )
  })
  afterAll(() => server.close())

  it.each(languages)(
    'hydrates without any message and keeps the heights of the widgets, in a page with lang="%s"',
    async language => {
      lang = language
      const { page, messages } = await openHostPage(browser, pageUrl(server, 'hydrate'))
      const waiting = await readHeights(page)
      await page.evaluate(() => dispatchEvent(new Event('hydrate')))
      await waitForData(page)
      expect(messages).toEqual([])
      // By place: the names of the dashboard's cards are in the language of the page after hydration.
      const complete = await readHeights(page)
      expect(complete).toHaveLength(waiting.length)
      const jumps = complete
        .map(([name, height], index) => ({ name, height, waitingHeight: waiting[index]?.[1] ?? 0 }))
        .filter(({ height, waitingHeight }) => Math.abs(height - waitingHeight) > heightTolerance)
      expect(jumps).toEqual([])
      await page.context().close()
    },
  )
}
