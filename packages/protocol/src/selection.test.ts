import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type ChannelName, channelNames, channels } from './channels.ts'
import { type EventProperty, parseProperty } from './event-property.ts'
import { limits } from './limits.ts'
import {
  type Selection,
  selectionKey,
  selectionQuery,
  toPaths,
  toSelection,
  windowMinutes,
} from './selection.ts'

interface Requested {
  readonly names: ChannelName[]
  readonly paths: string[]
  readonly properties: EventProperty[]
}

const path = fc.oneof(
  fc.constantFrom('/', '/a', '/b', '/ä', '/a b', '/a%2Fb', '/a&b=c', '/a+b', '/100%'),
  fc.string({ maxLength: 10 }).map(end => `/${end}`),
)
const nameText = fc.constantFrom(
  'a',
  'a.b',
  'b.a',
  '\\',
  'a b',
  '/a',
  '["a.b"]',
  'ä',
  '&a=b',
  '__proto__',
)
/** Channels, paths and properties that form a valid selection. */
const requests: fc.Arbitrary<Requested> = fc
  .record({
    names: fc.array(fc.constantFrom(...channelNames), { minLength: 1, maxLength: 6 }),
    paths: fc.array(path, { minLength: 1, maxLength: 4 }),
    properties: fc.array(fc.record({ event: nameText, property: nameText }), {
      minLength: 1,
      maxLength: 4,
    }),
  })
  .map(({ names, paths, properties }) => ({
    names,
    paths: names.includes('pageVisitors') ? paths : [],
    properties: names.includes('properties') ? properties : [],
  }))
const minutes = fc.constantFrom(...windowMinutes)

function select({ names, paths, properties }: Requested, window: number): Selection {
  const selection = toSelection(names, window, paths, properties)
  if (!selection) throw new Error(`Not a selection: ${names.join()} ${paths.join()}`)
  return selection
}

it('Selection: ignores order and duplicates of channels, paths and properties', () => {
  fc.assert(
    fc.property(requests, minutes, fc.infiniteStream(fc.nat()), (request, window, random) => {
      const canonical = select(request, window)
      const shuffle = <T>(all: T[]): T[] =>
        [...all, ...all]
          .map(one => ({ one, place: random.next().value }))
          .toSorted((a, b) => a.place - b.place)
          .map(({ one }) => one)
      const shuffled = {
        names: shuffle(request.names),
        paths: shuffle(request.paths),
        properties: shuffle(request.properties),
      }
      expect(select(shuffled, window)).toEqual(canonical)
      expect(canonical.channels).toEqual(channelNames.filter(name => request.names.includes(name)))
    }),
  )
})

it('Selection: has the same key exactly when the data is the same', () => {
  // The channels are often the same, so that only the windows differ.
  const pairs = requests.chain(first =>
    fc.tuple(fc.constant(first), fc.oneof(fc.constant(first), requests)),
  )
  fc.assert(
    fc.property(pairs, minutes, minutes, ([first, second], minutesA, minutesB) => {
      const a = select(first, minutesA)
      const b = select(second, minutesB)
      const isWindowed = a.channels.some(name => channels[name].windowed)
      const isSame =
        a.channels.join() === b.channels.join() &&
        JSON.stringify(a.paths) === JSON.stringify(b.paths) &&
        JSON.stringify(a.properties) === JSON.stringify(b.properties) &&
        (minutesA === minutesB || !isWindowed)
      expect(selectionKey(a) === selectionKey(b)).toBe(isSame)
    }),
    { numRuns: 500 },
  )
})

it('Selection: can be parsed from its query string', () => {
  fc.assert(
    fc.property(requests, minutes, (request, window) => {
      const selection = select(request, window)
      const query = new URL(`http://a?${selectionQuery(selection)}`).searchParams
      const read = toSelection(
        query.get('channels')?.split(',') ?? [],
        Number(query.get('minutes')),
        query.getAll('path'),
        query.getAll('property').map(parseProperty),
      )
      expect(read).toEqual(selection)
    }),
    { numRuns: 500 },
  )
})

it('Selection: has paths exactly with the channel `pageVisitors`', () => {
  expect(toSelection(['pageVisitors'], 5, ['/b', '/a?c=1', '/b#', '/#/c'])?.paths).toEqual([
    '/#/c',
    '/a',
    '/b',
  ])
  expect(toSelection(['pageVisitors'])).toBeUndefined()
  expect(toSelection(['pageViews'], 5, ['/a'])).toBeUndefined()
  expect(toSelection(['pageViews', 'pageVisitors'], 5, ['/a'])).toBeDefined()
})

it('Selection: has properties exactly with the channel `properties`', () => {
  const plan = { event: 'purchase', property: 'plan' }
  expect(toSelection(['properties'], 5, [], [plan, plan])?.properties).toEqual([plan])
  expect(toSelection(['properties'])).toBeUndefined()
  expect(toSelection(['pageViews'], 5, [], [plan])).toBeUndefined()
  expect(toSelection(['properties'], 5, [], ['purchase.plan'])).toBeUndefined()
})

it('toPaths: is undefined beyond the number and the length of all paths', () => {
  const some = (count: number): string[] => Array.from({ length: count }, (_, at) => `/${at}`)
  expect(toPaths(some(limits.maxPaths))).toHaveLength(limits.maxPaths)
  expect(toPaths([...some(limits.maxPaths), ...some(limits.maxPaths)])).toBeDefined()
  expect(toPaths(some(limits.maxPaths + 1))).toBeUndefined()
  const long = (length: number): string[] => [0, 1, 2, 3, 4].map(at => `/${at}`.padEnd(length, 'x'))
  expect(toPaths([...long(limits.maxPathsLength / 5 - 1)])).toHaveLength(5)
  expect(toPaths([...long(limits.maxPathsLength / 5 + 1)])).toBeUndefined()
})

it('Selection: has a default window of five minutes', () => {
  expect(toSelection(['pageViews'])).toEqual({
    channels: ['pageViews'],
    minutes: 5,
    paths: [],
    properties: [],
  })
})

it.each<[string, unknown[], unknown]>([
  ['no channel', [], 5],
  ['an unknown channel', ['pageViews', 'visitors'], 5],
  ['a name of Object.prototype', ['constructor'], 5],
  ['a name of Object.prototype beside a channel', ['pageViews', '__proto__'], 5],
  ['another spelling', ['pageviews'], 5],
  ['names that are not text', [1, null, {}], 5],
  ['a window that is not in the list', ['pageViews'], 7],
  ['a window as text', ['pageViews'], '5'],
  ['no number', ['pageViews'], Number.NaN],
])('Selection: is undefined for %s', (_, requested, window) => {
  expect(toSelection(requested, window)).toBeUndefined()
})
