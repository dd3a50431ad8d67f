import { expect, it } from 'vitest'
import { createByteReader, createByteWriter } from './bytes.ts'
import { createFeed } from './feed.ts'
import { siteEvent } from '../testing/event.ts'

const event = siteEvent({
  at: 1_700_000_000_000,
  visitor: 'a visitor',
  client: 'a client',
  n: 1,
  path: '/a',
  title: 'A',
  source: 'news.example',
  country: 'FR',
  device: 'mobile',
})

it('has the newest first, and at most as many as it may', () => {
  const feed = createFeed(3)
  expect(feed.entries()).toEqual([])
  for (let offset = 1; offset <= 5; offset++) feed.add(offset, 0, event)
  expect(feed.entries().map(entry => entry.id)).toEqual(['5-0', '4-0', '3-0'])
})

it('says of an event what may be shown, and not who it was', () => {
  const feed = createFeed(3)
  feed.add(1, 0, event)
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
  const unknown = { path: undefined, title: undefined, country: undefined }
  feed.add(1, 0, { ...event, ...unknown })
  const keys = ['id', 'type', 'name', 'device', 'timestamp']
  expect(Object.keys(feed.entries()[0] ?? {})).toEqual(keys)
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
  feed.add(1, 0, { ...event, name })
  expect(feed.entries()[0]).toMatchObject({ type, name })
})

it('gives the same entries until an event comes, and never changes those it gave', () => {
  const feed = createFeed(3)
  feed.add(1, 0, event)
  const before = feed.entries()
  expect(feed.entries()).toBe(before)
  for (let offset = 2; offset <= 5; offset++) feed.add(offset, 0, { ...event, path: '/b' })
  expect(before.map(({ id, path }) => [id, path])).toEqual([['1-0', '/a']])
})

it('shows an event that reaches a goal as one, and a page view as what it is', () => {
  const feed = createFeed(3)
  feed.add(1, 0, { ...event, name: 'sign_up', goals: ['Sign up'] })
  feed.add(2, 0, { ...event, goals: ['Front page'] })
  expect(feed.entries().map(({ type }) => type)).toEqual(['pageview', 'goal'])
})

it('is taken up where another left it', () => {
  const before = createFeed(3)
  const sparse = { path: undefined, title: undefined, country: undefined, name: 'sign_up' }
  for (const offset of [1, 2]) before.add(offset, offset, event)
  before.add(3, 0, { ...event, ...sparse })
  before.add(4, 7, { ...event, ...sparse, goals: ['Sign up'] })
  before.add(5, 1, { ...event, name: 'download', goals: ['Get it'] })
  const writer = createByteWriter()
  before.write(writer)
  const after = createFeed(3)
  after.add(9, 9, event)
  after.read(createByteReader(writer.finish()))
  expect(after.entries()).toEqual(before.entries())
  for (const feed of [before, after]) feed.add(6, 0, event)
  expect(after.entries()).toEqual(before.entries())
  expect(after.entries().map(({ id, type }) => [id, type])).toEqual([
    ['6-0', 'pageview'],
    ['5-1', 'download'],
    ['4-7', 'goal'],
  ])
})

it.each([
  ['as far as it may be long', 2, ['3-0', '2-0'], ['4-0', '3-0']],
  ['with room for more', 5, ['3-0', '2-0', '1-0'], ['4-0', '3-0', '2-0', '1-0']],
])('is taken up %s', (_, size, taken, andOne) => {
  const before = createFeed(3)
  for (let offset = 1; offset <= 3; offset++) before.add(offset, 0, event)
  const writer = createByteWriter()
  before.write(writer)
  const after = createFeed(size)
  after.read(createByteReader(writer.finish()))
  const ids = (): string[] => after.entries().map(({ id }) => id)
  expect(ids()).toEqual(taken)
  after.add(4, 0, event)
  expect(ids()).toEqual(andOne)
})

it('shows an event as the same object for as long as it is there', () => {
  const feed = createFeed(2)
  feed.add(1, 0, event)
  const [first] = feed.entries()
  feed.add(2, 0, event)
  const [second, firstAgain] = feed.entries()
  expect(firstAgain).toBe(first)
  feed.add(3, 0, event)
  expect(feed.entries().map(({ id }) => id)).toEqual(['3-0', '2-0'])
  expect(feed.entries()[1]).toBe(second)
})
