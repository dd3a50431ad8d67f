import { fileURLToPath } from 'node:url'
import { subprotocol } from '@tidemark/protocol'
import type { CDPSession, Page } from 'playwright-core'
import { launchBrowser } from '../../../scripts/browser.ts'
import { buildPage } from './build-page.ts'
import { type MainThreadLoad, measureMainThread } from './main-thread.ts'
import { type ScriptedSite, startScriptedSite } from './scripted-site.ts'

/** The page of thirty widgets, built for production, in a headless Chromium. */
export interface KitPage {
  readonly page: Page
  readonly site: ScriptedSite
  /** Mounts and unmounts the widgets, and leaves them mounted. */
  remount(count: number): Promise<void>
  unmount(): Promise<void>
  /** Counts the frames of the page. */
  countFrames(durationMs: number): Promise<number>
  /** Receives all messages, without the client. */
  openPlainSocket(): Promise<void>
  measureLoad(durationMs: number): Promise<MainThreadLoad>
  /** Counts after a garbage collection. */
  readCounts(): Promise<PageCounts>
  close(): Promise<void>
}

export interface PageCounts {
  readonly heapBytes: number
  readonly nodes: number
  readonly listeners: number
  /** Entries in the store of connections. */
  readonly connections: number
}

/** Functions of the page, set by `page/WidgetGrid.vue`. */
export interface KitWindow {
  showWidgets?: (shows: boolean) => Promise<void>
  countConnections?: () => number
}

export async function openKitPage(): Promise<KitPage> {
  const site = await startScriptedSite(
    await buildPage(fileURLToPath(new URL('page', import.meta.url))),
  )
  const browser = await launchBrowser()
  const page = await browser.newPage({ viewport: { width: 1440, height: 1000 } })
  await page.goto(site.url)
  await page.locator('.tm-card').first().waitFor()
  await page.waitForFunction(() => !document.querySelector('.tm-card[aria-busy="true"]'))
  const session = await page.context().newCDPSession(page)
  await session.send('Performance.enable')

  return {
    page,
    site,
    remount: count => page.evaluate(remountWidgets, count),
    unmount: () => page.evaluate(async () => (globalThis as KitWindow).showWidgets?.(false)),
    countFrames: durationMs => page.evaluate(countFrames, durationMs),
    openPlainSocket: () => page.evaluate(openPlainSocket, subprotocol),
    measureLoad: durationMs => measureMainThread(browser, page, durationMs),
    async readCounts() {
      await session.send('HeapProfiler.collectGarbage')
      const metrics = await readMetrics(session)
      return {
        heapBytes: metrics('JSHeapUsedSize'),
        nodes: metrics('Nodes'),
        listeners: metrics('JSEventListeners'),
        connections: await page.evaluate(
          () => (globalThis as KitWindow).countConnections?.() ?? Number.NaN,
        ),
      }
    },
    async close() {
      await browser.close()
      await site.close()
    },
  }
}

/** Runs in the page. Waits for a frame with and one without the widgets. */
async function remountWidgets(count: number): Promise<void> {
  const { showWidgets } = globalThis as KitWindow
  for (let done = 0; done < count; done++) {
    for (const shows of [false, true]) {
      await showWidgets?.(shows)
      await new Promise(resolve => requestAnimationFrame(resolve))
    }
  }
}

/** Runs in the page. Parses the messages of all channels, and ignores them. */
function openPlainSocket(protocol: string): void {
  const url = `${location.origin.replace('http', 'ws')}/api/sites/shop/realtime/ws`
  const socket = new WebSocket(url, protocol)
  socket.addEventListener('open', () => socket.send(JSON.stringify({ type: 'sub', id: 1 })))
  socket.addEventListener('message', ({ data }) => void JSON.parse(String(data)))
}

/** Runs in the page. */
function countFrames(durationMs: number): Promise<number> {
  return new Promise(resolve => {
    let count = 0
    let firstAt: number | undefined
    const onFrame = (at: number): void => {
      firstAt ??= at
      if (at - firstAt >= durationMs) resolve(count)
      else {
        count++
        requestAnimationFrame(onFrame)
      }
    }
    requestAnimationFrame(onFrame)
  })
}

async function readMetrics(session: CDPSession): Promise<(name: string) => number> {
  const { metrics } = await session.send('Performance.getMetrics')
  const values = new Map(metrics.map(({ name, value }) => [name, value]))
  return name => values.get(name) ?? Number.NaN
}
