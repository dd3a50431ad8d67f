import { createTracker } from '../tracker.ts'
import type { Tracker, TrackerOptions } from '../types.ts'
import type { PageOptions } from './fake-page.ts'
import { type FakeTab, type FakeWorld, createFakeWorld } from './fake-world.ts'

export interface Started {
  world: FakeWorld
  tab: FakeTab
  tracker: Tracker
}

/** Options of every tracker here. */
export const site = { siteId: 'my-site', baseUrl: 'https://stats.example/api' }

/** URL of the events of `site`. */
export const eventsUrl = 'https://stats.example/api/sites/my-site/events'

/**
 * Starts a tracker in a new world.
 * @param prepare changes the world before
 */
export function start(
  options: Partial<TrackerOptions> = {},
  prepare: (tab: FakeTab, world: FakeWorld) => void = () => {},
  page: PageOptions = {},
): Started {
  const world = createFakeWorld(page)
  prepare(world.tab, world)
  return { world, tab: world.tab, tracker: createTracker({ ...site, ...options }, world.tab.host) }
}

/** A tracker that sends nothing by itself. */
export const quiet: Partial<TrackerOptions> = { pageViews: false, heartbeatIntervalMs: 0 }

/** Starts a tracker in another tab of the same browser. */
export function startTab(
  world: FakeWorld,
  options: Partial<TrackerOptions> = {},
  page: PageOptions = {},
): Started {
  const tab = world.open(page)
  return { world, tab, tracker: createTracker({ ...site, ...options }, tab.host) }
}

/** Paths of the page views that were sent. */
export function viewsOf(world: FakeWorld): string[] {
  return world
    .events()
    .filter(({ name }) => name === 'page_view')
    .map(({ url = '' }) => url.replace('https://shop.example', ''))
}

/** Presence events that were sent, with their times. */
export function presenceOf(world: FakeWorld): [name: string, atMs: number][] {
  return world.received.flatMap(({ batch, atMs }) =>
    batch.events.filter(({ n }) => !n).map(({ name }): [string, number] => [name, atMs]),
  )
}

/** The names of the events of each request. */
export function namesOf(world: FakeWorld): string[][] {
  return world.received.map(({ batch }) => batch.events.map(({ name }) => name))
}

/** The numbers of the events of each request. */
export function numbersOf(world: FakeWorld): (number | undefined)[][] {
  return world.received.map(({ batch }) => batch.events.map(({ n }) => n))
}
