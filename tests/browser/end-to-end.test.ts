import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type PlaygroundTabs, openPlaygroundTabs } from './playground-tabs.ts'

let tabs: PlaygroundTabs

beforeAll(async () => {
  tabs = await openPlaygroundTabs()
}, 60_000)
afterAll(() => tabs.close())

/** The tracker sends after one second, and a poll comes every five seconds. */
const shortWait = { timeout: 12_000, interval: 50 }
/** A lost WebSocket reconnects with a backoff of at most half a minute per attempt. */
const reconnectWait = { timeout: 75_000, interval: 100 }

/** Number of rows in the feed at this screen width. */
const feedSize = 15

let trackedCount = 0

const utcDay = (): string => new Date().toISOString().slice(0, 10)
const startDay = utcDay()

/** Expects one visitor. At midnight UTC, the server's new daily salt makes a second one of the same browser. */
async function expectOneVisitor(): Promise<void> {
  expect(utcDay() === startDay ? [1] : [1, 2]).toContain(await tabs.readCount())
}

/** Tracks events with unique names, and waits until the feed shows them. */
async function trackAndExpect(count: number): Promise<void> {
  const names = Array.from({ length: count }, () => `check_${++trackedCount}`)
  await tabs.track(...names)
  await expect
    .poll(() => tabs.accepted.map(({ label }) => label), shortWait)
    .toEqual(expect.arrayContaining(names))
  await expectFeed()
}

/** Expects the accepted events in the feed: newest first, without gaps or duplicates, and never too many rows. */
async function expectFeed(): Promise<void> {
  const expected = (): string[] =>
    tabs.accepted
      .map(({ label }) => label)
      .toReversed()
      .slice(0, feedSize)
  await expect.poll(async () => [await tabs.readFeed(), expected()], shortWait).toSatisfy(areEqual)
  expect(await tabs.readDuplicates()).toEqual([])
  expect(await tabs.readMaxRows()).toBeLessThanOrEqual(feedSize)
}

function areEqual([shown, expected]: [string[], string[]]): boolean {
  return JSON.stringify(shown) === JSON.stringify(expected)
}

describe('Playground: shop and dashboard in two tabs', { timeout: 180_000 }, () => {
  it('shows a page view in the counter, the list and the feed within five seconds', async () => {
    await expect.poll(() => tabs.readCount(), { timeout: 5000, interval: 50 }).toBe(1)
    await expect
      .poll(() => tabs.readActivePages(), { timeout: 5000, interval: 50 })
      .toEqual([{ path: '/', visitors: 1 }])
    await expectFeed()
    expect(tabs.accepted).toHaveLength(1)
  })

  it('moves a visitor to the next page and counts the visitor once', async () => {
    const link = tabs.shop.locator('main a[href^="/"]').first()
    const path = await link.getAttribute('href')
    await link.click()
    await expect.poll(() => tabs.readActivePages(), shortWait).toEqual([{ path, visitors: 1 }])
    await expectOneVisitor()
    await expectFeed()
  })

  it('upgrades to a WebSocket, and shows the events that it delivers', async () => {
    await expect.poll(() => tabs.readFact('Transport'), shortWait).toBe('WebSocket')
    await trackAndExpect(5)
    expect(await tabs.readFact('Transport')).toBe('WebSocket')
  })

  it('falls back to an event stream when WebSockets are blocked', async () => {
    await tabs.toggleSwitch('WebSocket')
    await trackAndExpect(3)
    await expect.poll(() => tabs.readFact('Transport'), reconnectWait).toBe('Event stream')
    await trackAndExpect(3)
  })

  it('falls back to long polling when event streams are blocked too', async () => {
    await tabs.toggleSwitch('Event streams')
    await trackAndExpect(3)
    await expect.poll(() => tabs.readFact('Transport'), reconnectWait).toBe('Long-polling')
    await trackAndExpect(3)
  })

  it('upgrades again when both are allowed', async () => {
    await tabs.toggleSwitch('Event streams')
    await tabs.toggleSwitch('WebSocket')
    await trackAndExpect(3)
    await expect.poll(() => tabs.readFact('Transport'), reconnectWait).toBe('WebSocket')
    await trackAndExpect(3)
  })

  it('keeps the last numbers while the network is cut, and then shows all events of that time', async () => {
    await tabs.toggleSwitch('Network')
    const status = tabs.dashboard.locator('.tm-counter .tm-status button')
    await expect.poll(() => status.innerText(), reconnectWait).toContain(', as of ')
    await expectOneVisitor()
    const names = ['check_cut_1', 'check_cut_2']
    await tabs.track(...names)
    expect(await tabs.readFeed()).not.toContain('check_cut_1')
    await tabs.toggleSwitch('Network')
    await expect
      .poll(() => tabs.accepted.map(({ label }) => label), reconnectWait)
      .toEqual(expect.arrayContaining(names))
    await expectFeed()
  })

  it('resynchronizes after kill -9 of the server', async () => {
    await trackAndExpect(2)
    const before = await tabs.readFact('Cursor')
    await tabs.dashboard.getByRole('button', { name: 'kill -9' }).click()
    await expect.poll(() => tabs.playground.state.server, shortWait).toBe('down')
    await tabs.track('check_while_down')
    await expect.poll(() => tabs.playground.state.server, reconnectWait).toBe('up')
    await expect
      .poll(() => tabs.accepted.map(({ label }) => label), reconnectWait)
      .toContain('check_while_down')
    await expectFeed()
    const after = await tabs.readFact('Cursor')
    expect(Number(after.split('.')[0])).toBeGreaterThan(Number(before.split('.')[0]))
    await expect.poll(() => tabs.readFact('Transport'), reconnectWait).toBe('WebSocket')
    await trackAndExpect(3)
    await expectOneVisitor()
  })
})
