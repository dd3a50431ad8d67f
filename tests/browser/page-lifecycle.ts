import { type Browser, type Page, ProtocolError } from 'puppeteer-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import { installTimeoutMs } from '../../scripts/program.ts'
import { type Dashboard, openDashboard, shortWait } from './dashboard.ts'
import { type Deployment, startDeployment } from './deployment.ts'

/** A live dashboard behind nginx, with actions and checks for the life cycle of its page. */
export interface DashboardPage {
  readonly deployment: Deployment
  readonly dashboard: Dashboard
  /** Waits until the dashboard is live over a WebSocket and shows all tracked events. */
  expectLive(): Promise<void>
  /** Waits until the dashboard has no connection to the server, and then tracks three events. */
  trackWhileDisconnected(): Promise<void>
  /** Takes the page offline. @returns a function that takes it online again */
  goOffline(): Promise<() => Promise<void>>
  /** Opens another tab in front of the page. @returns a function that closes that tab */
  hide(): Promise<() => Promise<void>>
}

/**
 * Life cycle tests for any browser.
 * @param isLong also tests a page in the background, and a navigation to another page
 * @returns a function that returns the page of the current test
 */
export function describePageLifecycle(
  openBrowser: () => Promise<Browser>,
  isLong: boolean,
): () => DashboardPage {
  let browser: Browser
  let deployment: Deployment
  let dashboardPage: DashboardPage

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
    dashboardPage = await openDashboardPage(browser, deployment, holdLongTimers)
    await dashboardPage.expectLive()
  })
  afterEach(() => dashboardPage.dashboard.page.close())

  it('shows the age of its numbers while offline, and catches up', async () => {
    const { dashboard } = dashboardPage
    const reconnect = await dashboardPage.goOffline()
    const offlineText = /^Offline, as of (now|\d+s ago)$/
    await vi.waitFor(async () => {
      expect(await dashboard.indicatorText()).toMatch(offlineText)
      expect(await dashboard.feedStatusText()).toMatch(offlineText)
    }, shortWait)
    await dashboardPage.trackWhileDisconnected()
    await reconnect()
    await dashboardPage.expectLive()
    expect(await dashboard.indicatorText()).toBe('Live')
  })

  const currentPage = (): DashboardPage => dashboardPage
  if (!isLong) return currentPage

  it('stays connected in the background, disconnects after five minutes, and catches up when visible', async () => {
    const { dashboard } = dashboardPage
    const show = await dashboardPage.hide()
    await deployment.track(2)
    expect(await deployment.countConnections()).toBe(1)
    await dashboard.page.evaluate(() => void dispatchEvent(new Event('fiveminutes')))
    await dashboardPage.trackWhileDisconnected()
    await show()
    await dashboardPage.expectLive()
    expect(await dashboard.indicatorText()).toBe('Live')
  })

  it('catches up after a navigation to another page and back', async () => {
    const { dashboard } = dashboardPage
    await dashboard.page.goto(`${deployment.nginx.url}/favicon.svg`)
    await dashboardPage.trackWhileDisconnected()
    await dashboard.page.goBack()
    await dashboardPage.expectLive()
    expect(await dashboard.indicatorText()).toBe('Live')
  })

  return currentPage
}

/** @param prepare runs in the page before its scripts */
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
      const otherTab = await browser.newPage({ type: 'tab' })
      await vi.waitFor(
        async () => expect(await readVisibility(dashboard.page)).toBe('hidden'),
        shortWait,
      )
      return async () => {
        await otherTab.close()
        await dashboard.page.bringToFront()
        await vi.waitFor(
          async () => expect(await readVisibility(dashboard.page)).toBe('visible'),
          shortWait,
        )
      }
    },
  }
}

/** Whether the browser lacks the command. Firefox 140 cannot emulate offline mode. */
function isUnknownCommand(error: unknown): boolean {
  return error instanceof ProtocolError && error.message.includes('unknown command')
}

/** Stops nginx, and sets `navigator.onLine` and the events as a browser without a network does. */
async function simulateOffline(page: Page, { nginx }: Deployment): Promise<() => Promise<void>> {
  const setOnline = (isOnline: boolean): Promise<void> =>
    page.evaluate(value => {
      Object.defineProperty(navigator, 'onLine', { value, configurable: true })
      dispatchEvent(new Event(value ? 'online' : 'offline'))
    }, isOnline)
  await nginx.stop()
  await setOnline(false)
  return async () => {
    await nginx.start()
    await setOnline(true)
  }
}

function readVisibility(page: Page): Promise<string> {
  return page.evaluate(() => document.visibilityState)
}

/** Runs in the page before its scripts. Timers of five minutes or more fire on the event `fiveminutes` only. */
function holdLongTimers(): void {
  const { setTimeout, clearTimeout } = globalThis
  const heldTimers = new Map<symbol, () => void>()
  Object.assign(globalThis, {
    setTimeout(run: () => void, delayMs = 0): unknown {
      if (delayMs < 5 * 60_000) return setTimeout(run, delayMs)
      const timer = Symbol('timer')
      heldTimers.set(timer, run)
      return timer
    },
    clearTimeout(timer: number | symbol | undefined) {
      if (typeof timer === 'symbol') heldTimers.delete(timer)
      else clearTimeout(timer)
    },
  })
  addEventListener('fiveminutes', () => {
    for (const [timer, run] of heldTimers) {
      heldTimers.delete(timer)
      run()
    }
  })
}
