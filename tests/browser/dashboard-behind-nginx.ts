import type { Browser } from 'puppeteer-core'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { installTimeoutMs } from '../../scripts/program.ts'
import type { NginxSetup } from '../nginx/nginx.ts'
import { type Dashboard, openDashboard, shortWait } from './dashboard.ts'
import { type Deployment, startDeployment } from './deployment.ts'

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
const sequential = { concurrent: false, timeout: 90_000 }

/** What a dashboard in this browser shows through a real nginx, with all setups at the same time. */
export function describeBehindNginx(openBrowser: () => Promise<Browser>): void {
  let browser: Browser

  beforeAll(async () => void (browser = await openBrowser()), installTimeoutMs)
  afterAll(() => browser.close())

  describe.concurrent.each(setups)('behind nginx %s', (_, setup, transport) => {
    let deployment: Deployment
    let dashboard: Dashboard

    beforeAll(async () => {
      deployment = await startDeployment(setup)
      dashboard = await openDashboard(browser, deployment)
    }, installTimeoutMs)
    afterAll(() => deployment.close())

    /** Until it is as good as it gets here, and shows what came before and what comes by it. */
    async function expectUpToDate(): Promise<void> {
      await dashboard.expectFeedAndCount()
      await vi.waitFor(
        async () => expect(await dashboard.transportText()).toBe(transport),
        shortWait,
      )
      await deployment.track(2)
      await dashboard.expectFeedAndCount()
      expect(await dashboard.indicatorText()).not.toContain('as of')
    }

    /** That the numbers are old, and how old. */
    async function expectAge(): Promise<void> {
      await vi.waitFor(async () => {
        expect(await dashboard.indicatorText()).toMatch(/^(Retrying|Stale), as of (now|\d+s ago)$/)
      }, shortWait)
    }

    it(`comes to ${transport}, and shows each event once`, sequential, async () => {
      await deployment.track(3)
      await expectUpToDate()
      const states = dashboard.cacheStates()
      if (setup.isCaching) expect(states).not.toContain('')
      else expect(states).toEqual([''])
    })

    it('says how old its numbers are without nginx, and catches up', sequential, async () => {
      await deployment.nginx.stop()
      await expectAge()
      await deployment.track(3)
      await deployment.nginx.start()
      await expectUpToDate()
    })

    it('says how old its numbers are without the server, and catches up', sequential, async () => {
      await deployment.track(2)
      await deployment.server.kill()
      await expectAge()
      await deployment.server.start()
      await deployment.track(2)
      await expectUpToDate()
    })
  })
}
