import process from 'node:process'
import type { Browser } from 'puppeteer-core'
import { expect, it, onTestFinished, vi } from 'vitest'
import { openChromium, openFirefox } from './browsers.ts'
import { startDeployment } from './deployment.ts'
import { openDashboardPage } from './page-lifecycle.ts'

/** Six heartbeats, and some more: a server that sends frames asks once in four, and then twice again. */
const patience = { timeout: 110_000, interval: 500 }

/** Stops every process of a browser at once, as a machine that goes to sleep does; gives back what wakes them. */
function putToSleep(browser: Browser): () => void {
  const leader = browser.process()?.pid
  if (leader === undefined) throw new Error('The browser has no process.')
  process.kill(-leader, 'SIGSTOP')
  return () => void process.kill(-leader, 'SIGCONT')
}

it.each([
  ['Chromium', openChromium],
  ['Firefox', openFirefox],
])('a page of %s on a machine that was asleep catches up when it wakes', async (_, open) => {
  const deployment = await startDeployment()
  onTestFinished(deployment.close)
  const browser = await open()
  onTestFinished(() => browser.close())
  const life = await openDashboardPage(browser, deployment)
  await deployment.track(3)
  await life.expectLive()

  const wake = putToSleep(browser)
  try {
    await deployment.track(2)
    await vi.waitFor(async () => expect(await deployment.countConnections()).toBe(0), patience)
    await deployment.track(2)
  } finally {
    wake()
  }
  await life.expectLive()
  expect(await life.dashboard.indicatorText()).toBe('Live')
})
