import { fileURLToPath } from 'node:url'
import type { CDPSession, Page } from 'playwright-core'
import { launchBrowser } from '../../../scripts/browser.ts'
import { buildPage } from './build-page.ts'
import { type MainThreadLoad, measureMainThread } from './main-thread.ts'
import { type ScriptedSite, startScriptedSite } from './scripted-site.ts'

/** The page of thirty widgets, built for production, in a headless Chromium. */
export interface KitPage {
  readonly page: Page
  readonly site: ScriptedSite
  /** Mounts or unmounts the widgets. */
  showWidgets(shows: boolean): Promise<void>
  measureLoad(durationMs: number): Promise<MainThreadLoad>
  /** Counts after a garbage collection. */
  readCounts(): Promise<PageCounts>
  close(): Promise<void>
}

export interface PageCounts {
  readonly heapBytes: number
  readonly nodes: number
  readonly listeners: number
}

/** Function of the page, set by `page/WidgetGrid.vue`. */
export interface KitWindow {
  showWidgets?: (shows: boolean) => Promise<void>
}

export async function openKitPage(): Promise<KitPage> {
  const site = await startScriptedSite(
    await buildPage(fileURLToPath(new URL('page', import.meta.url))),
  )
  const browser = await launchBrowser()
  const page = await browser.newPage({ viewport: { width: 1440, height: 1000 } })
  await page.goto(site.url)
  await page.locator('.tm-entry__primary').first().waitFor()
  const session = await page.context().newCDPSession(page)
  await session.send('Performance.enable')

  return {
    page,
    site,
    showWidgets: shows =>
      page.evaluate(async isShown => (globalThis as KitWindow).showWidgets?.(isShown), shows),
    measureLoad: durationMs => measureMainThread(browser, page, durationMs),
    async readCounts() {
      await session.send('HeapProfiler.collectGarbage')
      const metrics = await readMetrics(session)
      return {
        heapBytes: metrics('JSHeapUsedSize'),
        nodes: metrics('Nodes'),
        listeners: metrics('JSEventListeners'),
      }
    },
    async close() {
      await browser.close()
      await site.close()
    },
  }
}

async function readMetrics(session: CDPSession): Promise<(name: string) => number> {
  const { metrics } = await session.send('Performance.getMetrics')
  const values = new Map(metrics.map(({ name, value }) => [name, value]))
  return name => values.get(name) ?? Number.NaN
}
