import fc from 'fast-check'
import { expect, it } from 'vitest'
import { channelNames, channels } from './channels.ts'
import { selectionKey, selectionQuery, toSelection, windowMinutes } from './selection.ts'

const names = fc.array(fc.constantFrom(...channelNames), { minLength: 1, maxLength: 6 })
const minutes = fc.constantFrom(...windowMinutes)

it('Selection: ignores order and duplicates of channels', () => {
  fc.assert(
    fc.property(names, minutes, fc.infiniteStream(fc.nat()), (requested, window, random) => {
      const canonical = toSelection(requested, window)
      const shuffled = [...requested, ...requested]
        .map(name => ({ name, place: random.next().value }))
        .toSorted((a, b) => a.place - b.place)
        .map(({ name }) => name)
      expect(toSelection(shuffled, window)).toEqual(canonical)
      expect(canonical?.channels).toEqual(channelNames.filter(name => requested.includes(name)))
    }),
  )
})

it('Selection: has the same key exactly when the data is the same', () => {
  // The channels are often the same, so that only the windows differ.
  const pairs = names.chain(first =>
    fc.tuple(fc.constant(first), fc.oneof(fc.constant(first), names)),
  )
  fc.assert(
    fc.property(pairs, minutes, minutes, ([namesA, namesB], minutesA, minutesB) => {
      const a = toSelection(namesA, minutesA)
      const b = toSelection(namesB, minutesB)
      if (!a || !b) throw new Error('These are all ours.')
      const isWindowed = a.channels.some(name => channels[name].windowed)
      const isSame =
        a.channels.join() === b.channels.join() && (minutesA === minutesB || !isWindowed)
      expect(selectionKey(a) === selectionKey(b)).toBe(isSame)
    }),
    { numRuns: 500 },
  )
})

it('Selection: can be parsed from its query string', () => {
  fc.assert(
    fc.property(names, minutes, (requested, window) => {
      const selection = toSelection(requested, window)
      if (!selection) throw new Error('These are all ours.')
      const query = new URLSearchParams(selectionQuery(selection))
      const read = toSelection(
        query.get('channels')?.split(',') ?? [],
        Number(query.get('minutes')),
      )
      expect(read).toEqual(selection)
    }),
  )
})

it('Selection: has a default window of five minutes', () => {
  expect(toSelection(['pageViews'])).toEqual({ channels: ['pageViews'], minutes: 5 })
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
