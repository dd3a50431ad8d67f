import { expect, it, onTestFinished, vi } from 'vitest'
import { openChromium } from './browsers.ts'
import { shortWait } from './dashboard.ts'
import { startDeployment } from './deployment.ts'
import { openDashboardPage } from './page-lifecycle.ts'

const minuteMs = 60_000
/** Chromium lets the timers of a tab that was hidden for five minutes run once a minute. */
const patience = { timeout: 7 * minuteMs, interval: 1000 }

it('a tab of Chromium gives up its connection after five minutes in the background, and catches up', async () => {
  const deployment = await startDeployment()
  onTestFinished(deployment.close)
  const browser = await openChromium()
  onTestFinished(() => browser.close())
  const life = await openDashboardPage(browser, deployment)
  await deployment.track(3)
  await life.expectLive()

  const show = await life.hide()
  const hiddenAt = performance.now()
  await deployment.track(2)
  await vi.waitFor(async () => expect(await deployment.countConnections()).toBe(0), patience)
  expect(performance.now() - hiddenAt).toBeGreaterThan(4.9 * minuteMs)
  await life.trackWhileDisconnected()
  await show()
  await life.dashboard.expectFeed()
  await vi.waitFor(async () => expect(await deployment.countConnections()).toBe(1), shortWait)
})
