import { expect, it, onTestFinished, vi } from 'vitest'
import { openChromium } from './browsers.ts'
import { shortWait } from './dashboard.ts'
import { startDeployment } from './deployment.ts'
import { openDashboardPage } from './page-lifecycle.ts'

const minuteMs = 60_000
/** Chromium runs the timers of a tab that was hidden for five minutes once per minute. */
const disconnectWait = { timeout: 7 * minuteMs, interval: 1000 }

it('Dashboard in Chromium: disconnects after five minutes in the background, and catches up', async () => {
  const deployment = await startDeployment()
  onTestFinished(deployment.close)
  const browser = await openChromium()
  onTestFinished(() => browser.close())
  const dashboardPage = await openDashboardPage(browser, deployment)
  await deployment.track(3)
  await dashboardPage.expectLive()

  const show = await dashboardPage.hide()
  const hiddenAt = performance.now()
  await deployment.track(2)
  await vi.waitFor(async () => expect(await deployment.countConnections()).toBe(0), disconnectWait)
  expect(performance.now() - hiddenAt).toBeGreaterThan(4.9 * minuteMs)
  await dashboardPage.trackWhileDisconnected()
  await show()
  await dashboardPage.dashboard.expectFeed()
  await vi.waitFor(async () => expect(await deployment.countConnections()).toBe(1), shortWait)
})
