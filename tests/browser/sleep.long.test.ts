import process from 'node:process'
import type { Browser } from 'puppeteer-core'
import { expect, it, onTestFinished, vi } from 'vitest'
import { openChromium, openFirefox } from './browsers.ts'
import { startDeployment } from './deployment.ts'
import { openDashboardPage } from './page-lifecycle.ts'

/** More than six heartbeats: a server that sends frames pings every fourth heartbeat, and then twice more. */
const disconnectWait = { timeout: 110_000, interval: 500 }

/** Stops all processes of a browser, like a machine that goes to sleep. @returns a function that continues them */
function putToSleep(browser: Browser): () => void {
  const processGroup = browser.process()?.pid
  if (processGroup === undefined) throw new Error('putToSleep: the browser has no local process.')
  process.kill(-processGroup, 'SIGSTOP')
  return () => void process.kill(-processGroup, 'SIGCONT')
}

it.each([
  ['Chromium', openChromium],
  ['Firefox', openFirefox],
])('Dashboard in %s: catches up when the machine wakes from sleep', async (_, open) => {
  const deployment = await startDeployment()
  onTestFinished(deployment.close)
  const browser = await open()
  onTestFinished(() => browser.close())
  const dashboardPage = await openDashboardPage(browser, deployment)
  await deployment.track(3)
  await dashboardPage.expectLive()

  const wake = putToSleep(browser)
  try {
    await deployment.track(2)
    await vi.waitFor(
      async () => expect(await deployment.countConnections()).toBe(0),
      disconnectWait,
    )
    await deployment.track(2)
  } finally {
    wake()
  }
  await dashboardPage.expectLive()
  expect(await dashboardPage.dashboard.indicatorText()).toBe('Live')
})
