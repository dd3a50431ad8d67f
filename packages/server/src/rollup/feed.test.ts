import { expect, it } from 'vitest'
import type { SiteEvent } from './event.ts'
import { createFeed } from './feed.ts'

const event: SiteEvent = {
  name: 'page_view',
  at: 1_700_000_000_000,
  visitor: 'a visitor',
  client: 'a client',
  n: 1,
  path: '/a',
  title: 'A',
  source: 'news.example',
  country: 'FR',
  device: 'mobile',
}

it('has the newest first, and at most as many as it may', () => {
  const feed = createFeed(3)
  expect(feed.entries()).toEqual([])
  for (let offset = 1; offset <= 5; offset++) feed.add(`${offset}-0`, event)
  expect(feed.entries().map(entry => entry.id)).toEqual(['5-0', '4-0', '3-0'])
})

it('says of an event what may be shown, and not who it was', () => {
  const feed = createFeed(3)
  feed.add('1-0', event)
  expect(feed.entries()).toEqual([
    {
      id: '1-0',
      type: 'pageview',
      name: 'page_view',
      path: '/a',
      title: 'A',
      country: 'FR',
      device: 'mobile',
      timestamp: 1_700_000_000_000,
    },
  ])
})

it('has no keys for what is not known', () => {
  const feed = createFeed(3)
  const unknown = { path: undefined, title: undefined, country: undefined, device: undefined }
  feed.add('1-0', { ...event, ...unknown })
  expect(Object.keys(feed.entries()[0] ?? {})).toEqual(['id', 'type', 'name', 'timestamp'])
})

it.each([
  ['page_view', 'pageview'],
  ['outbound', 'outbound'],
  ['download', 'download'],
  ['sign_up', 'event'],
  ['constructor', 'event'],
  ['__proto__', 'event'],
])('shows %s as %s', (name, type) => {
  const feed = createFeed(3)
  feed.add('1-0', { ...event, name })
  expect(feed.entries()[0]).toMatchObject({ type, name })
})

it('gives the same entries until an event comes, and never changes those it gave', () => {
  const feed = createFeed(3)
  feed.add('1-0', event)
  const before = feed.entries()
  expect(feed.entries()).toBe(before)
  feed.add('2-0', event)
  expect(before.length).toBe(1)
})
