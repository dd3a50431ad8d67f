import { expect, it } from 'vitest'
import { createByteReader, createByteWriter } from '../../shared/bytes.ts'
import { createFeed } from './feed.ts'
import { type EventFields, siteEvent } from '../testing/event.ts'

const fields: EventFields = {
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
const event = siteEvent(fields)

it('Feed: returns the newest entries first, at most maxEntries', () => {
  const feed = createFeed(3)
  expect(feed.entries()).toEqual([])
  for (let offset = 1; offset <= 5; offset++) feed.add(offset, [event])
  expect(feed.entries().map(entry => entry.id)).toEqual(['5-0', '4-0', '3-0'])
})

it('Feed: keeps the last events of a record with more than maxEntries events', () => {
  const [feed, oneByOne] = [createFeed(3), createFeed(3)]
  const events = [0, 1, 2, 3, 4].map(index => ({ ...event, index }))
  for (const each of [event, ...events]) oneByOne.add(1, [each])
  feed.add(1, [event])
  feed.add(1, events)
  expect(feed.entries().map(entry => entry.id)).toEqual(['1-4', '1-3', '1-2'])
  expect(feed.entries()).toEqual(oneByOne.entries())
})

it('Feed: shows the public fields of an event, without visitor and client', () => {
  const feed = createFeed(3)
  feed.add(1, [event])
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

it('Feed: omits the keys of unknown fields', () => {
  const feed = createFeed(3)
  const unknown = { path: undefined, title: undefined, country: undefined }
  feed.add(1, [siteEvent({ ...fields, ...unknown })])
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
])('Feed: shows an event named %s with the type %s', (name, type) => {
  const feed = createFeed(3)
  feed.add(1, [siteEvent({ ...fields, name })])
  expect(feed.entries()[0]).toMatchObject({ type, name })
})

it('Feed: shows the target of an event, also after a restart, and not in a reused slot', () => {
  const feed = createFeed(1)
  feed.add(1, [siteEvent({ ...fields, name: 'outbound', target: 'other.example' })])
  expect(feed.entries()).toMatchObject([{ type: 'outbound', target: 'other.example' }])
  const writer = createByteWriter()
  feed.write(writer)
  const restored = createFeed(1)
  restored.read(createByteReader(writer.finish()))
  expect(restored.entries()).toEqual(feed.entries())
  for (const each of [feed, restored]) {
    each.add(2, [event])
    expect(each.entries()[0]).not.toHaveProperty('target')
  }
})

it('Feed: returns the same array until an event is added, and never changes a returned array', () => {
  const feed = createFeed(3)
  feed.add(1, [event])
  const before = feed.entries()
  expect(feed.entries()).toBe(before)
  for (let offset = 2; offset <= 5; offset++)
    feed.add(offset, [siteEvent({ ...fields, path: '/b' })])
  expect(before.map(({ id, path }) => [id, path])).toEqual([['1-0', '/a']])
})

it.each(['sign_up', 'page_view', 'outbound', 'download'])(
  'Feed: shows an event named %s that reaches goals as one goal entry with the first of them',
  name => {
    const feed = createFeed(3)
    feed.add(1, [siteEvent({ ...fields, name, goals: ['Zebra', 'Apple'] })])
    expect(feed.entries()).toEqual([
      {
        id: '1-0',
        type: 'goal',
        goal: 'Zebra',
        name,
        path: '/a',
        title: 'A',
        country: 'FR',
        device: 'mobile',
        timestamp: 1_700_000_000_000,
      },
    ])
  },
)

it('Feed: has no goal of an earlier event in a reused slot', () => {
  const feed = createFeed(1)
  feed.add(1, [siteEvent({ ...fields, goals: ['Front page'] })])
  feed.add(2, [event])
  expect(feed.entries()[0]).toMatchObject({ id: '2-0', type: 'pageview' })
  expect(feed.entries()[0]).not.toHaveProperty('goal')
})

it('Feed: restores written entries and continues with new ones', () => {
  const before = createFeed(3)
  const sparse = { path: undefined, title: undefined, country: undefined, name: 'sign_up' }
  for (const offset of [1, 2]) before.add(offset, [{ ...event, index: offset }])
  before.add(3, [siteEvent({ ...fields, ...sparse })])
  before.add(4, [siteEvent({ ...fields, index: 7, ...sparse, goals: ['Sign up'] })])
  before.add(5, [siteEvent({ ...fields, index: 1, name: 'download' })])
  const writer = createByteWriter()
  before.write(writer)
  const after = createFeed(3)
  after.add(9, [{ ...event, index: 9 }])
  after.read(createByteReader(writer.finish()))
  expect(after.entries()).toEqual(before.entries())
  for (const feed of [before, after]) feed.add(6, [event])
  expect(after.entries()).toEqual(before.entries())
  expect(after.entries().map(({ id, type }) => [id, type])).toEqual([
    ['6-0', 'pageview'],
    ['5-1', 'download'],
    ['4-7', 'goal'],
  ])
  expect(after.entries()[2]).toMatchObject({ name: 'sign_up', goal: 'Sign up' })
})

it.each([
  ['fewer than were written', 2, ['3-0', '2-0'], ['4-0', '3-0']],
  ['more than were written', 5, ['3-0', '2-0', '1-0'], ['4-0', '3-0', '2-0', '1-0']],
])('Feed: restores written entries when maxEntries is %s', (_, size, restored, withAnother) => {
  const before = createFeed(3)
  for (let offset = 1; offset <= 3; offset++) before.add(offset, [event])
  const writer = createByteWriter()
  before.write(writer)
  const after = createFeed(size)
  after.read(createByteReader(writer.finish()))
  const ids = (): string[] => after.entries().map(({ id }) => id)
  expect(ids()).toEqual(restored)
  after.add(4, [event])
  expect(ids()).toEqual(withAnother)
})

it('Feed: returns the same object for an event while the event is in the feed', () => {
  const feed = createFeed(2)
  feed.add(1, [event])
  const [first] = feed.entries()
  feed.add(2, [event])
  const [second, firstAgain] = feed.entries()
  expect(firstAgain).toBe(first)
  feed.add(3, [event])
  expect(feed.entries().map(({ id }) => id)).toEqual(['3-0', '2-0'])
  expect(feed.entries()[1]).toBe(second)
})
