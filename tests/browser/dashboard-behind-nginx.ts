import type { Browser } from 'puppeteer-core'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { installTimeoutMs } from '../../scripts/program.ts'
import type { NginxSetup } from '../nginx/nginx.ts'
import { type Dashboard, openDashboard, soon } from './dashboard.ts'
import { type Front, openFront } from './deployment.ts'

/** Ways to set up nginx, and what a page comes to behind each. */
const setups: [string, NginxSetup, string][] = [
  ['as it is set up', {}, 'WebSocket'],
  [
    'with a cache, that lets only polls through',
    { isCaching: true, forbidsWaiting: true },
    'Polling',
  ],
  ['that forbids upgrades', { forbidsUpgrades: true }, 'Event stream'],
]

/** One test after the other, where the setups are not. */
const inTurn = { concurrent: false, timeout: 90_000 }

/** What a dashboard in this browser shows through a real nginx, with all setups at the same time. */
export function describeThroughNginx(openBrowser: () => Promise<Browser>): void {
  let browser: Browser

  beforeAll(async () => void (browser = await openBrowser()), installTimeoutMs)
  afterAll(() => browser.close())

  describe.concurrent.each(setups)('behind nginx %s', (_, setup, transport) => {
    let front: Front
    let dashboard: Dashboard

    beforeAll(async () => {
      front = await openFront(setup)
      dashboard = await openDashboard(browser, front)
    }, installTimeoutMs)
    afterAll(() => front.close())

    /** Until it is as good as it gets here, and shows what came before and what comes by it. */
    async function expectWell(): Promise<void> {
      await dashboard.expectAll()
      await vi.waitFor(async () => expect(await dashboard.transport()).toBe(transport), soon)
      await front.track(2)
      await dashboard.expectAll()
      expect(await dashboard.says()).not.toContain('as of')
    }

    /** That the numbers are old, and how old. */
    async function expectAge(): Promise<void> {
      await vi.waitFor(async () => {
        expect(await dashboard.says()).toMatch(/^(Retrying|Stale), as of (now|\d+s ago)$/)
      }, soon)
    }

    it(`comes to ${transport}, and shows each event once`, inTurn, async () => {
      await front.track(3)
      await expectWell()
      const states = dashboard.cacheStates()
      if (setup.isCaching) expect(states).not.toContain('')
      else expect(states).toEqual([''])
    })

    it('says how old its numbers are without nginx, and catches up', inTurn, async () => {
      await front.nginx.stop()
      await expectAge()
      await front.track(3)
      await front.nginx.start()
      await expectWell()
    })

    it('says how old its numbers are without the server, and catches up', inTurn, async () => {
      await front.track(2)
      await front.server.kill()
      await expectAge()
      await front.server.start()
      await front.track(2)
      await expectWell()
    })
  })
}
