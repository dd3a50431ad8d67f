import { afterAll, beforeAll, expect } from 'vitest'
import { type PlaygroundTabs, openPlaygroundTabs } from './playground-tabs.ts'

/** The tracker sends after one second, and a poll comes every five seconds. */
export const shortWait = { timeout: 12_000, interval: 50 }
/** A lost WebSocket reconnects with a backoff of at most half a minute per attempt. */
export const reconnectWait = { timeout: 75_000, interval: 100 }

/** Number of rows in the feed at this screen width. */
const feedSize = 15

/** Checks that the dashboard's feed shows the accepted events. */
export interface FeedChecks {
  /** Tracks events with unique names, and waits until the feed shows them. */
  trackAndExpect(count: number): Promise<void>
  /** Expects the accepted events in the feed: newest first, without gaps or duplicates, and never too many rows. */
  expectFeed(): Promise<void>
  /** Waits until the dashboard uses a transport, such as `WebSocket`. */
  expectTransport(name: string): Promise<void>
}

/** Opens the playground for the tests of a file. Returns the functions that read its tabs and its checks. */
export function setUpPlayground(): { tabs(): PlaygroundTabs; checks(): FeedChecks } {
  let opened: { tabs: PlaygroundTabs; checks: FeedChecks } | undefined
  const read = (): { tabs: PlaygroundTabs; checks: FeedChecks } => {
    if (!opened) throw new Error('The playground is not open yet.')
    return opened
  }
  beforeAll(async () => {
    const tabs = await openPlaygroundTabs()
    opened = { tabs, checks: createFeedChecks(tabs) }
  }, 60_000)
  afterAll(() => opened?.tabs.close())
  return { tabs: () => read().tabs, checks: () => read().checks }
}

function createFeedChecks(tabs: PlaygroundTabs): FeedChecks {
  let trackedCount = 0

  async function expectFeed(): Promise<void> {
    const expected = (): string[] =>
      tabs.accepted
        .map(({ label }) => label)
        .toReversed()
        .slice(0, feedSize)
    await expect
      .poll(async () => [await tabs.readFeed(), expected()], shortWait)
      .toSatisfy(areEqual)
    expect(await tabs.readDuplicates()).toEqual([])
    expect(await tabs.readMaxRows()).toBeLessThanOrEqual(feedSize)
  }

  return {
    expectFeed,
    async trackAndExpect(count) {
      const names = Array.from({ length: count }, () => `check_${++trackedCount}`)
      await tabs.track(...names)
      await expect
        .poll(() => tabs.accepted.map(({ label }) => label), shortWait)
        .toEqual(expect.arrayContaining(names))
      await expectFeed()
    },
    expectTransport: name =>
      expect.poll(() => tabs.readFact('Transport'), reconnectWait).toBe(name),
  }
}

function areEqual([shown, expected]: [string[], string[]]): boolean {
  return JSON.stringify(shown) === JSON.stringify(expected)
}
