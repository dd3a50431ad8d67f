import { type Browser, type Page, ProtocolError } from 'puppeteer-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import { installTimeoutMs } from '../../scripts/program.ts'
import { type Dashboard, openDashboard, soon } from './dashboard.ts'
import { type Front, openFront } from './deployment.ts'

/** A live dashboard behind nginx, and what is asked of it whatever its page goes through. */
export interface PageLife {
  readonly front: Front
  readonly dashboard: Dashboard
  /** Waits until it is live by a WebSocket, with all that was sent. */
  expectLive(): Promise<void>
  /** Waits until the server holds no connection of it, and then sends what it cannot be told. */
  missSome(): Promise<void>
  /** Takes its network away, and gives back what brings that again. */
  goOffline(): Promise<() => Promise<void>>
  /** Puts another tab in front of it, and gives back what takes that away. */
  hide(): Promise<() => Promise<void>>
}

/** What a page goes through in any browser. Gives what further tests beside these may use. */
export function describePageLife(openBrowser: () => Promise<Browser>): () => PageLife {
  let browser: Browser
  let front: Front
  let life: PageLife

  beforeAll(async () => {
    browser = await openBrowser()
    front = await openFront()
    await front.track(3)
  }, installTimeoutMs)
  afterAll(async () => {
    await browser.close()
    await front.close()
  })
  beforeEach(async () => {
    life = await openLife(browser, front, holdLongWaits)
    await life.expectLive()
  })
  afterEach(() => life.dashboard.page.close())

  it('says how old its numbers are without a network, and catches up', async () => {
    const { dashboard } = life
    const reconnect = await life.goOffline()
    const old = /^Offline, as of (now|\d+s ago)$/
    await vi.waitFor(async () => {
      expect(await dashboard.says()).toMatch(old)
      expect(await dashboard.feedSays()).toMatch(old)
    }, soon)
    await life.missSome()
    await reconnect()
    await life.expectLive()
    expect(await dashboard.says()).toBe('Live')
  })

  it('goes on in the background, gives up its connection after five minutes, and catches up when it is seen', async () => {
    const { dashboard } = life
    const show = await life.hide()
    await front.track(2)
    expect(await front.held()).toBe(1)
    await dashboard.page.evaluate(() => void dispatchEvent(new Event('fiveminutes')))
    await life.missSome()
    await show()
    await life.expectLive()
    expect(await dashboard.says()).toBe('Live')
  })

  it('has all numbers when its visitor has gone to another page and back', async () => {
    const { dashboard } = life
    await dashboard.page.goto(`${front.nginx.url}/favicon.svg`)
    await life.missSome()
    await dashboard.page.goBack()
    await life.expectLive()
    expect(await dashboard.says()).toBe('Live')
  })

  return () => life
}

/** @param prepare runs in the page from its beginning */
export async function openLife(
  browser: Browser,
  front: Front,
  prepare?: () => void,
): Promise<PageLife> {
  const dashboard = await openDashboard(browser, front, prepare)
  return {
    front,
    dashboard,
    async expectLive() {
      await dashboard.expectAll()
      await vi.waitFor(async () => {
        expect(await dashboard.transport()).toBe('WebSocket')
        expect(await front.held()).toBe(1)
      }, soon)
    },
    async missSome() {
      await vi.waitFor(async () => expect(await front.held()).toBe(0), soon)
      await front.track(3)
    },
    async goOffline() {
      const { page } = dashboard
      try {
        await page.setOfflineMode(true)
        return () => page.setOfflineMode(false)
      } catch (error) {
        if (!isUnknownCommand(error)) throw error
        return cutOff(page, front)
      }
    },
    async hide() {
      await dashboard.page.bringToFront()
      const other = await browser.newPage({ type: 'tab' })
      await vi.waitFor(async () => expect(await visibility(dashboard.page)).toBe('hidden'), soon)
      return async () => {
        await other.close()
        await dashboard.page.bringToFront()
        await vi.waitFor(async () => expect(await visibility(dashboard.page)).toBe('visible'), soon)
      }
    },
  }
}

/** Firefox 140 has no command for it. */
function isUnknownCommand(error: unknown): boolean {
  return error instanceof ProtocolError && error.message.includes('unknown command')
}

/** Ends what the page is served by, and tells the page what a browser without a network would. */
async function cutOff(page: Page, { nginx }: Front): Promise<() => Promise<void>> {
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
function holdLongWaits(): void {
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
