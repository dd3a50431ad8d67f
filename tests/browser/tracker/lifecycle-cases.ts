import { setTimeout as sleep } from 'node:timers/promises'
import type { Page } from 'puppeteer-core'
import { expect } from 'vitest'
import { eventually, readCounts, readState, toBatch, track } from './scene.ts'
import type { TrackerTest } from './tracker-test.ts'

/** Tests of pages that are hidden, left, restored, frozen or prerendered. */

/** Longest wait for a batch that never gets an answer, plus its repetition. */
const timeoutOfRequestMs = 45_000

/** Shows whether the page comes from the back/forward cache. */
const persistedScript = `<script>addEventListener('pageshow', ({ persisted }) => {
  document.documentElement.dataset.persisted = persisted
})</script>`

/** Goes back to a page in the back/forward cache. `page.goBack` waits for a load that Firefox does not report for a page from its cache. */
async function goBack(page: Page): Promise<void> {
  await page.evaluate(() => void setTimeout(() => history.back()))
  await eventually(() => page.evaluate(() => location.pathname).catch(() => '')).toBe('/')
  expect(await page.evaluate(() => document.documentElement.dataset['persisted'])).toBe('true')
}

export function testSilentBatch(it: TrackerTest): void {
  it('continues after the back/forward cache, with a batch under way that is never answered', async ({
    scene,
  }) => {
    scene.proxy.faultOf = ({ number }) => (number === 1 ? 'silence' : undefined)
    scene.add('/', scene.tag() + persistedScript)
    scene.add('/next', 'Next')
    const page = await scene.open()
    await eventually(() => scene.proxy.requests.length).toBe(1)
    await track(page, 'order', 7)
    await page.goto(`${scene.server.origin}/next`)
    await goBack(page)
    await track(page, 'later')
    const expected = { page_view: 2, order: 7, later: 1 }
    await scene.expectCounts(expected, { timeoutMs: timeoutOfRequestMs })
    await eventually(() => readCounts(page), timeoutOfRequestMs).toMatchObject({ waiting: 0 })
    expect(await scene.counts()).toEqual(expected)
  })
}

export function testSlowBatch(it: TrackerTest): void {
  it('continues after the back/forward cache, with a slow batch under way', async ({ scene }) => {
    const { promise, resolve } = Promise.withResolvers<void>()
    scene.proxy.faultOf = ({ number }) => (number === 1 ? promise : undefined)
    scene.add('/', scene.tag() + persistedScript)
    scene.add('/next', 'Next')
    const page = await scene.open()
    await eventually(() => scene.proxy.requests.length).toBe(1)
    await track(page, 'order', 7)
    await page.goto(`${scene.server.origin}/next`)
    resolve()
    await goBack(page)
    await track(page, 'later')
    const expected = { page_view: 2, order: 7, later: 1 }
    await scene.expectCounts(expected, { timeoutMs: timeoutOfRequestMs })
  })
}

export function testLeaving(it: TrackerTest): void {
  it('delivers a view and events that are left at once', async ({ scene }) => {
    scene.add('/', scene.tag())
    scene.add('/next', 'Next')
    const page = await scene.open()
    await track(page, 'order', 10)
    await page.goto(`${scene.server.origin}/next`)
    await scene.expectCounts({ page_view: 1, order: 10 })
  })

  it('delivers the events of a tab that is closed at once', async ({ scene }) => {
    scene.add('/', scene.tag())
    const page = await scene.open()
    await track(page, 'order', 10)
    await page.close()
    await scene.expectCounts({ page_view: 1, order: 10 })
  })
}

export function testReloads(it: TrackerTest): void {
  it('counts each load of a storm of reloads', async ({ scene }) => {
    const loads = 30
    scene.add(
      '/',
      `${scene.tag()}<script>
        const number = Number(sessionStorage.loads ?? 0) + 1
        sessionStorage.loads = number
        tidemark.track('load')
        if (number < ${loads}) location.reload()
      </script>`,
    )
    const page = await scene.open()
    await eventually(() => page.evaluate(() => sessionStorage.loads).catch(() => '')).toBe(
      String(loads),
    )
    await scene.expectCounts({ page_view: loads, load: loads })
  })
}

export function testClock(it: TrackerTest): void {
  const dayMs = 86_400_000
  it.for([dayMs, -dayMs])(
    'keeps the times of waiting events when the clock is set by %i ms',
    async (offsetMs, { scene }) => {
      scene.proxy.faultOf = () => 'lost request'
      scene.add('/', scene.tag())
      const page = await scene.open()
      await track(page, 'order', 3)
      await eventually(() => readState(page)).toBe('retrying')
      await page.evaluate(offset => {
        const { now } = Date
        Date.now = () => now() + offset
      }, offsetMs)
      scene.proxy.faultOf = () => undefined
      await track(page, 'order')
      await scene.expectCounts({ page_view: 1, order: 4 })
      const accepted = scene.proxy.requests.filter(({ result }) => result === 202)
      for (const { sentAt, events } of accepted.map(({ body }) => toBatch(body)))
        for (const { timestamp = 0 } of events)
          expect(Math.abs(sentAt - timestamp)).toBeLessThan(30_000)
      expect((await scene.limits()).clamped).toBe(0)
    },
  )
}

/** Tests of features that Chromium alone has, or that need its driver. */
export function testChromiumLifecycle(it: TrackerTest): void {
  it('delivers the events of a background tab that is frozen at once', async ({ scene }) => {
    scene.add('/', scene.tag())
    scene.add('/front', 'Front')
    const page = await scene.open()
    await scene.expectCounts({ page_view: 1 })
    await scene.open('/front')
    await page.waitForFunction(() => document.visibilityState === 'hidden', { polling: 50 })
    const session = await page.createCDPSession()
    await Promise.all([
      track(page, 'order', 3),
      session.send('Page.setWebLifecycleState', { state: 'frozen' }),
    ])
    await scene.expectCounts({ page_view: 1, order: 3 })
    expect(scene.proxy.requests.at(-1)?.result).toBe(202)
  })

  it('counts a prerendered page when it is shown', async ({ scene }) => {
    const rules = { prerender: [{ urls: ['/next'], eagerness: 'immediate' }] }
    scene.add(
      '/',
      `<script type="speculationrules">${JSON.stringify(rules)}</script><a href="/next">Next</a>`,
    )
    scene.add('/next', `${scene.tag()}<script>fetch('/loaded')</script>`)
    const page = await scene.open()
    // The scripts of the prerendered page have run.
    await eventually(() => scene.server.requests.some(({ path }) => path === '/loaded')).toBe(true)
    await sleep(1500)
    expect(await scene.counts()).toEqual({})
    await page.click('a')
    await page.waitForFunction(() => location.pathname === '/next')
    const start = await page.evaluate(() => {
      const [load] = performance.getEntriesByType('navigation')
      return Number(Reflect.get(Object(load), 'activationStart'))
    })
    expect(start).toBeGreaterThan(0)
    await scene.expectCounts({ page_view: 1 })
  })
}
