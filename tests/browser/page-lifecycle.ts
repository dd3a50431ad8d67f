import { type Browser, type Page, ProtocolError } from 'puppeteer-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import { installTimeoutMs } from '../../scripts/program.ts'
import { type Dashboard, openDashboard, shortWait } from './dashboard.ts'
import { type Deployment, startDeployment } from './deployment.ts'

/** A live dashboard behind nginx, and what is asked of it whatever its page goes through. */
export interface DashboardPage {
  readonly deployment: Deployment
  readonly dashboard: Dashboard
  /** Waits until it is live by a WebSocket, with all that was sent. */
  expectLive(): Promise<void>
  /** Waits until the server holds no connection of it, and then sends what it cannot be told. */
  trackWhileDisconnected(): Promise<void>
  /** Takes its network away, and gives back what brings that again. */
  goOffline(): Promise<() => Promise<void>>
  /** Puts another tab in deployment of it, and gives back what takes that away. */
  hide(): Promise<() => Promise<void>>
}

/** What a page goes through in any browser. Gives what further tests beside these may use. */
export function describePageLifecycle(openBrowser: () => Promise<Browser>): () => DashboardPage {
  let browser: Browser
  let deployment: Deployment
  let life: DashboardPage

  beforeAll(async () => {
    browser = await openBrowser()
    deployment = await startDeployment()
    await deployment.track(3)
  }, installTimeoutMs)
  afterAll(async () => {
    await browser.close()
    await deployment.close()
  })
  beforeEach(async () => {
    life = await openDashboardPage(browser, deployment, holdLongTimers)
    await life.expectLive()
  })
  afterEach(() => life.dashboard.page.close())

  it('says how old its numbers are without a network, and catches up', async () => {
    const { dashboard } = life
    const reconnect = await life.goOffline()
    const old = /^Offline, as of (now|\d+s ago)$/
    await vi.waitFor(async () => {
      expect(await dashboard.indicatorText()).toMatch(old)
      expect(await dashboard.feedStatusText()).toMatch(old)
    }, shortWait)
    await life.trackWhileDisconnected()
    await reconnect()
    await life.expectLive()
    expect(await dashboard.indicatorText()).toBe('Live')
  })

  it('goes on in the background, gives up its connection after five minutes, and catches up when it is seen', async () => {
    const { dashboard } = life
    const show = await life.hide()
    await deployment.track(2)
    expect(await deployment.countConnections()).toBe(1)
    await dashboard.page.evaluate(() => void dispatchEvent(new Event('fiveminutes')))
    await life.trackWhileDisconnected()
    await show()
    await life.expectLive()
    expect(await dashboard.indicatorText()).toBe('Live')
  })

  it('has all numbers when its visitor has gone to another page and back', async () => {
    const { dashboard } = life
    await dashboard.page.goto(`${deployment.nginx.url}/favicon.svg`)
    await life.trackWhileDisconnected()
    await dashboard.page.goBack()
    await life.expectLive()
    expect(await dashboard.indicatorText()).toBe('Live')
  })

  return () => life
}

/** @param prepare runs in the page from its beginning */
export async function openDashboardPage(
  browser: Browser,
  deployment: Deployment,
  prepare?: () => void,
): Promise<DashboardPage> {
  const dashboard = await openDashboard(browser, deployment, prepare)
  return {
    deployment,
    dashboard,
    async expectLive() {
      await dashboard.expectFeedAndCount()
      await vi.waitFor(async () => {
        expect(await dashboard.transportText()).toBe('WebSocket')
        expect(await deployment.countConnections()).toBe(1)
      }, shortWait)
    },
    async trackWhileDisconnected() {
      await vi.waitFor(async () => expect(await deployment.countConnections()).toBe(0), shortWait)
      await deployment.track(3)
    },
    async goOffline() {
      const { page } = dashboard
      try {
        await page.setOfflineMode(true)
        return () => page.setOfflineMode(false)
      } catch (error) {
        if (!isUnknownCommand(error)) throw error
        return simulateOffline(page, deployment)
      }
    },
    async hide() {
      await dashboard.page.bringToFront()
      const other = await browser.newPage({ type: 'tab' })
      await vi.waitFor(
        async () => expect(await visibility(dashboard.page)).toBe('hidden'),
        shortWait,
      )
      return async () => {
        await other.close()
        await dashboard.page.bringToFront()
        await vi.waitFor(
          async () => expect(await visibility(dashboard.page)).toBe('visible'),
          shortWait,
        )
      }
    },
  }
}

/** Firefox 140 has no command for it. */
function isUnknownCommand(error: unknown): boolean {
  return error instanceof ProtocolError && error.message.includes('unknown command')
}

/** Ends what the page is served by, and tells the page what a browser without a network would. */
async function simulateOffline(page: Page, { nginx }: Deployment): Promise<() => Promise<void>> {
  const tell = (isOnline: boolean): Promise<void> =>
    page.evaluate(isNow => {
      Object.defineProperty(navigator, 'onLine', { value: isNow, configurable: true })
      dispatchEvent(new Event(isNow ? 'online' : 'offline'))
    }, isOnline)
  await nginx.stop()
  await tell(false)
  return async () => {
    await nginx.start()
    await tell(true)
  }
}

function visibility(page: Page): Promise<string> {
  return page.evaluate(() => document.visibilityState)
}

/** Runs in the page from its beginning: there, a wait of five minutes or more ends when a test says so. */
function holdLongTimers(): void {
  const { setTimeout, clearTimeout } = globalThis
  const held = new Map<symbol, () => void>()
  Object.assign(globalThis, {
    setTimeout(run: () => void, delayMs = 0): unknown {
      if (delayMs < 5 * 60_000) return setTimeout(run, delayMs)
      const timer = Symbol('timer')
      held.set(timer, run)
      return timer
    },
    clearTimeout(timer: number | symbol | undefined) {
      if (typeof timer === 'symbol') held.delete(timer)
      else clearTimeout(timer)
    },
  })
  addEventListener('fiveminutes', () => {
    for (const [timer, run] of held) {
      held.delete(timer)
      run()
    }
  })
}
