import type { Browser } from 'puppeteer-core'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { installTimeoutMs } from '../../scripts/program.ts'
import type { NginxSetup } from '../nginx/nginx.ts'
import { type Dashboard, openDashboard, shortWait } from './dashboard.ts'
import { type Deployment, startDeployment } from './deployment.ts'

/** nginx setups, with the transport that the dashboard selects behind each one. */
const setups: [string, NginxSetup, string][] = [
  ['as in docs/deploying.md', {}, 'WebSocket'],
  ['with a cache, for polls only', { isCaching: true, forbidsWaiting: true }, 'Polling'],
  ['without upgrades', { forbidsUpgrades: true }, 'Event stream'],
]

/** Runs the tests of a setup one after the other. The setups themselves run concurrently. */
const sequential = { concurrent: false, timeout: 90_000 }

/**
 * Tests of the dashboard behind a real nginx, in one browser. All setups run at the same time.
 * @param isLong also tests an outage of the server behind nginx
 */
export function describeBehindNginx(openBrowser: () => Promise<Browser>, isLong: boolean): void {
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

    /** Waits until the dashboard uses the expected transport and shows both past and new events. */
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

    /** Waits until the dashboard shows that its numbers are stale, with their age or the time of the next attempt. */
    async function expectAge(): Promise<void> {
      await vi.waitFor(async () => {
        expect(await dashboard.indicatorText()).toMatch(
          /^(Retrying in \d+ sec|(Retrying|Stale), as of (now|\d+s ago))$/,
        )
      }, shortWait)
    }

    it(`uses the transport ${transport}, and shows each event once`, sequential, async () => {
      await deployment.track(3)
      await expectUpToDate()
      const states = dashboard.cacheStates()
      if (setup.isCaching) expect(states).not.toContain('')
      else expect(states).toEqual([''])
    })

    it('shows the age of its numbers while nginx is down, and catches up', sequential, async () => {
      await deployment.nginx.stop()
      await expectAge()
      await deployment.track(3)
      await deployment.nginx.start()
      await expectUpToDate()
    })

    if (!isLong) return
    it(
      'shows the age of its numbers while the server is down, and catches up',
      sequential,
      async () => {
        await deployment.track(2)
        await deployment.server.kill()
        await expectAge()
        await deployment.server.start()
        await deployment.track(2)
        await expectUpToDate()
      },
    )
  })
}
