import { expect } from 'vitest'
import { type IntermediaryAnswer, readable } from './fault-proxy.ts'
import { eventually, readCounts, readState, track } from './scene.ts'
import type { TrackerTest } from './tracker-test.ts'

/** Answers of servers between the browser and Tidemark. None of them decides about an event. */
const intermediaries: Readonly<Record<string, IntermediaryAnswer>> = {
  '401': { status: 401, headers: { 'WWW-Authenticate': 'Basic' } },
  '403': { status: 403, body: 'Blocked by the firewall' },
  '403 that the page can read': { status: 403, headers: readable, body: 'Blocked' },
  '404 that the page can read': { status: 404, headers: readable, body: '<h1>Not found</h1>' },
  '405': { status: 405, headers: { ...readable, Allow: 'GET' } },
  '405 of Tidemark': {
    status: 405,
    headers: { ...readable, 'Content-Type': 'application/problem+json' },
    body: '{"code":"method_not_allowed"}',
  },
  '301': { status: 301, headers: { ...readable, Location: '/login' } },
  '302': { status: 302, headers: { Location: 'http://127.0.0.1:9/login' } },
  '303': { status: 303, headers: { ...readable, Location: '/login' } },
  '200 of a captive portal': { status: 200, headers: readable, body: '<h1>Log in</h1>' },
  '202 of another server': { status: 202, headers: readable, body: 'queued' },
  '502': { status: 502 },
}

/** @param names answers to test. @default all */
export function testIntermediaries(it: TrackerTest, names = Object.keys(intermediaries)): void {
  it.for(names)('keeps its events after an intermediary answered %s', async (name, { scene }) => {
    scene.proxy.faultOf = ({ number }) => (number <= 2 ? intermediaries[name] : undefined)
    scene.add('/', scene.tag())
    const page = await scene.open()
    await track(page, 'order', 3)
    await scene.expectCounts({ page_view: 1, order: 3 })
    await eventually(() => readCounts(page)).toEqual({
      accepted: 4,
      rejected: 0,
      dropped: 0,
      waiting: 0,
    })
  })
}

/** @param names faults to test */
export function testConnectionFaults(it: TrackerTest): void {
  it('counts each event once after lost requests and lost answers', async ({ scene }) => {
    scene.proxy.faultOf = ({ number }) =>
      number === 1 ? 'lost answer' : number === 2 ? 'lost request' : undefined
    scene.add('/', scene.tag())
    const page = await scene.open()
    await track(page, 'order', 5)
    await eventually(() => readCounts(page)).toMatchObject({ waiting: 0 })
    await scene.expectCounts({ page_view: 1, order: 5 })
    expect((await scene.limits()).repeated).toBeGreaterThan(0)
  })
}

export function testSizeLimits(it: TrackerTest): void {
  const cors = { 'that the page can read': readable, 'without CORS headers': {} }
  it.for(Object.entries(cors))(
    'delivers everything within the size limit of a proxy that answers 413 %s',
    async ([, headers], { scene }) => {
      scene.proxy.faultOf = ({ body }) =>
        body.length > 8000 ? { status: 413, headers } : undefined
      scene.add('/', scene.tag())
      const page = await scene.open()
      await track(page, 'order', 100, 'x'.repeat(400))
      await scene.expectCounts({ page_view: 1, order: 100 }, { timeoutMs: 60_000 })
      const refused = scene.proxy.requests.filter(({ result }) => result === 413)
      expect(refused.length).toBeGreaterThan(0)
      expect(refused.length).toBeLessThanOrEqual(6)
      expect(await readCounts(page)).toMatchObject({ dropped: 0 })
    },
  )
}

export function testRetryAfter(it: TrackerTest): void {
  const busy: IntermediaryAnswer = {
    status: 503,
    headers: {
      ...readable,
      'Access-Control-Expose-Headers': 'Retry-After',
      'Retry-After': '3600',
      'Content-Type': 'application/problem+json',
    },
    body: '{"code":"log_unavailable"}',
  }

  it('respects Retry-After while the page lives, and sends what would end with it', async ({
    scene,
  }) => {
    scene.proxy.faultOf = ({ number }) => (number === 1 ? busy : undefined)
    scene.add('/', scene.tag())
    scene.add('/next', 'Next')
    const page = await scene.open()
    await eventually(() => readState(page)).toBe('retrying')
    await track(page, 'order', 5)
    await page.evaluate(() => tidemark.flush())
    expect(scene.proxy.requests).toHaveLength(1)
    await page.goto(`${scene.server.origin}/next`)
    await scene.expectCounts({ page_view: 1, order: 5 })
  })
}

export function testBlocked(it: TrackerTest): void {
  it('reports `blocked` while a content security policy forbids its requests', async ({
    scene,
  }) => {
    const policy = "default-src 'self' 'unsafe-inline'; connect-src 'self'"
    scene.add('/', { html: scene.tag(), headers: { 'Content-Security-Policy': policy } })
    const page = await scene.open()
    await track(page, 'order')
    await eventually(async () => {
      await page.evaluate(() => tidemark.flush())
      return readState(page)
    }).toBe('blocked')
    expect(scene.proxy.requests).toEqual([])
    expect(await readCounts(page)).toMatchObject({ waiting: 2, dropped: 0 })
  })

  it('leaves the state `blocked` when the network works again', async ({ scene }) => {
    scene.proxy.faultOf = () => 'lost request'
    scene.add('/', scene.tag())
    const page = await scene.open()
    await eventually(async () => {
      await page.evaluate(() => tidemark.flush())
      return readState(page)
    }).toBe('blocked')
    scene.proxy.faultOf = () => undefined
    await page.evaluate(() => void dispatchEvent(new Event('online')))
    await scene.expectCounts({ page_view: 1 })
    await eventually(() => readState(page)).toBe('active')
  })
}

export function testOffline(it: TrackerTest): void {
  it('delivers the events of an offline page when it is online again', async ({
    scene,
    person,
  }) => {
    scene.add('/', scene.tag())
    const page = await scene.open()
    await scene.expectCounts({ page_view: 1 })
    const isEmulated = person.kind === 'chromium'
    // Firefox cannot emulate it.
    if (isEmulated) await page.setOfflineMode(true)
    else scene.proxy.faultOf = () => 'lost request'
    await track(page, 'order', 20)
    await eventually(() => readState(page)).toBe('retrying')
    if (isEmulated) await page.setOfflineMode(false)
    else {
      scene.proxy.faultOf = () => undefined
      await page.evaluate(() => void dispatchEvent(new Event('online')))
    }
    await scene.expectCounts({ page_view: 1, order: 20 }, { timeoutMs: 5000 })
  })
}
