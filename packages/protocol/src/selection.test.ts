import fc from 'fast-check'
import { expect, it } from 'vitest'
import { channelNames, channels } from './channels.ts'
import { selectionKey, selectionQuery, toSelection, windowMinutes } from './selection.ts'

const names = fc.array(fc.constantFrom(...channelNames), { minLength: 1, maxLength: 6 })
const minutes = fc.constantFrom(...windowMinutes)

it('makes the same selection whatever the order and however often a channel is named', () => {
  fc.assert(
    fc.property(names, minutes, fc.infiniteStream(fc.nat()), (wanted, window, random) => {
      const canonical = toSelection(wanted, window)
      const shuffled = [...wanted, ...wanted]
        .map(name => ({ name, place: random.next().value }))
        .toSorted((a, b) => a.place - b.place)
        .map(({ name }) => name)
      expect(toSelection(shuffled, window)).toEqual(canonical)
      expect(canonical?.channels).toEqual(channelNames.filter(name => wanted.includes(name)))
    }),
  )
})

it('gives different keys to what differs, and one key where the window means nothing', () => {
  // Often the same channels, so that it is the window that differs.
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

it('can be read back from its query', () => {
  fc.assert(
    fc.property(names, minutes, (wanted, window) => {
      const selection = toSelection(wanted, window)
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

it('takes five minutes when no window is named', () => {
  expect(toSelection(['pageViews'])).toEqual({ channels: ['pageViews'], minutes: 5 })
})

it.each<[string, unknown[], unknown]>([
  ['no channel', [], 5],
  ['an unknown channel', ['pageViews', 'visitors'], 5],
  ['a name of Object.prototype', ['constructor'], 5],
  ['a name of Object.prototype beside one of ours', ['pageViews', '__proto__'], 5],
  ['another spelling', ['pageviews'], 5],
  ['what is no text', [1, null, {}], 5],
  ['a window that is not in the list', ['pageViews'], 7],
  ['a window as text', ['pageViews'], '5'],
  ['no number', ['pageViews'], Number.NaN],
])('is undefined for %s', (_, wanted, window) => {
  expect(toSelection(wanted, window)).toBeUndefined()
})
