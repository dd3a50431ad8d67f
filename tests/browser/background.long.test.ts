import { expect, it, onTestFinished, vi } from 'vitest'
import { openChromium } from './browsers.ts'
import { soon } from './dashboard.ts'
import { openFront } from './deployment.ts'
import { openLife } from './page-lifecycle.ts'

const minuteMs = 60_000
/** Chromium lets the timers of a tab that was hidden for five minutes run once a minute. */
const patience = { timeout: 7 * minuteMs, interval: 1000 }

it('a tab of Chromium gives up its connection after five minutes in the background, and catches up', async () => {
  const front = await openFront()
  onTestFinished(front.close)
  const browser = await openChromium()
  onTestFinished(() => browser.close())
  const life = await openLife(browser, front)
  await front.track(3)
  await life.expectLive()

  const show = await life.hide()
  const hiddenAt = performance.now()
  await front.track(2)
  await vi.waitFor(async () => expect(await front.held()).toBe(0), patience)
  expect(performance.now() - hiddenAt).toBeGreaterThan(4.9 * minuteMs)
  await life.missSome()
  await show()
  await life.dashboard.expectFeed()
  await vi.waitFor(async () => expect(await front.held()).toBe(1), soon)
})
