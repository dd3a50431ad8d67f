import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type PlaygroundTabs, openPlaygroundTabs } from './playground-tabs.ts'

let stage: PlaygroundTabs

beforeAll(async () => {
  stage = await openPlaygroundTabs()
}, 60_000)
afterAll(() => stage.close())

/** A page's news takes a second to leave the tracker, and a poll five to come. */
const soon = { timeout: 12_000, interval: 50 }
/** A WebSocket that was lost comes back within its backoff, of at most half a minute for each try. */
const later = { timeout: 75_000, interval: 100 }

/** What the dashboard asks of its feed on a screen as wide as this one. */
const feedSize = 15

let tracked = 0

/** Tracks so many events with names of their own, and waits until the feed shows what got 202. */
async function trackAndSee(count: number): Promise<void> {
  const names = Array.from({ length: count }, () => `check_${++tracked}`)
  await stage.track(...names)
  await expect
    .poll(() => stage.accepted.map(({ label }) => label), soon)
    .toEqual(expect.arrayContaining(names))
  await expectFeed()
}

/** The feed is what got 202, newest first, with no gap and no double, and was never longer than it may be. */
async function expectFeed(): Promise<void> {
  const expected = (): string[] =>
    stage.accepted
      .map(({ label }) => label)
      .toReversed()
      .slice(0, feedSize)
  await expect.poll(async () => [await stage.readFeed(), expected()], soon).toSatisfy(isSamePair)
  expect(await stage.readDuplicates()).toEqual([])
  expect(await stage.readMaxRows()).toBeLessThanOrEqual(feedSize)
}

function isSamePair([shown, expected]: [string[], string[]]): boolean {
  return JSON.stringify(shown) === JSON.stringify(expected)
}

describe('a shop in one tab, its dashboard in another', { timeout: 180_000 }, () => {
  it('shows a view of the shop in the counter, the list and the feed within five seconds', async () => {
    await expect.poll(() => stage.readCount(), { timeout: 5000, interval: 50 }).toBe(1)
    await expect
      .poll(() => stage.readActivePages(), { timeout: 5000, interval: 50 })
      .toEqual([{ path: '/', visitors: 1 }])
    await expectFeed()
    expect(stage.accepted).toHaveLength(1)
  })

  it('follows the visitor to the next page without counting anyone twice', async () => {
    const link = stage.shop.locator('main a[href^="/"]').first()
    const path = await link.getAttribute('href')
    await link.click()
    await expect.poll(() => stage.readActivePages(), soon).toEqual([{ path, visitors: 1 }])
    expect(await stage.readCount()).toBe(1)
    await expectFeed()
  })

  it('upgrades to a WebSocket, and shows events by it', async () => {
    await expect.poll(() => stage.readFact('Transport'), soon).toBe('WebSocket')
    await trackAndSee(5)
    expect(await stage.readFact('Transport')).toBe('WebSocket')
  })

  it('goes on with an event stream when WebSockets are blocked', async () => {
    await stage.toggleSwitch('WebSocket')
    await trackAndSee(3)
    await expect.poll(() => stage.readFact('Transport'), later).toBe('Event stream')
    await trackAndSee(3)
  })

  it('goes on with held requests when event streams are held back as well', async () => {
    await stage.toggleSwitch('Event streams')
    await trackAndSee(3)
    await expect.poll(() => stage.readFact('Transport'), later).toBe('Long-polling')
    await trackAndSee(3)
  })

  it('upgrades again when they are let through', async () => {
    await stage.toggleSwitch('Event streams')
    await stage.toggleSwitch('WebSocket')
    await trackAndSee(3)
    await expect.poll(() => stage.readFact('Transport'), later).toBe('WebSocket')
    await trackAndSee(3)
  })

  it('keeps the last numbers while the network is cut, and loses nothing of what happened meanwhile', async () => {
    await stage.toggleSwitch('Network')
    await expect
      .poll(() => stage.dashboard.getByText('Nothing newer has come through').count(), later)
      .toBe(1)
    expect(await stage.readCount()).toBe(1)
    const names = ['check_cut_1', 'check_cut_2']
    await stage.track(...names)
    expect(await stage.readFeed()).not.toContain('check_cut_1')
    await stage.toggleSwitch('Network')
    await expect
      .poll(() => stage.accepted.map(({ label }) => label), later)
      .toEqual(expect.arrayContaining(names))
    await expectFeed()
  })

  it('resynchronizes after the server was killed with -9', async () => {
    await trackAndSee(2)
    const before = await stage.readFact('Mark')
    await stage.dashboard.getByRole('button', { name: 'kill -9' }).click()
    await expect.poll(() => stage.playground.state.server, soon).toBe('down')
    await stage.track('check_while_down')
    await expect.poll(() => stage.playground.state.server, later).toBe('up')
    await expect
      .poll(() => stage.accepted.map(({ label }) => label), later)
      .toContain('check_while_down')
    await expectFeed()
    const after = await stage.readFact('Mark')
    expect(Number(after.split('.')[0])).toBeGreaterThan(Number(before.split('.')[0]))
    await expect.poll(() => stage.readFact('Transport'), later).toBe('WebSocket')
    await trackAndSee(3)
    expect(await stage.readCount()).toBe(1)
  })
})
