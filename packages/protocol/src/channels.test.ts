import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ChannelName, channelNames, channels, compareEntryIds } from './channels.ts'

it('has every channel in the canonical list once', () => {
  expect(new Set(channelNames)).toEqual(new Set(Object.keys(channels)))
  expect(channelNames.length).toBe(Object.keys(channels).length)
})

describe('a ranked list', () => {
  const { keyOf, compare } = channels.activePages

  it('puts the most first, ties by name in code unit order, and the rest last', () => {
    const sorted = [
      { path: '/b', visitors: 9 },
      { path: '/B', visitors: 2 },
      { path: '/a', visitors: 2 },
      { path: '/\u{1F30A}', visitors: 2 },
      { path: '/\uff01', visitors: 2 },
      { path: '(other)', visitors: 100, rest: true as const },
    ]
    expect(sorted.toReversed().toSorted(compare)).toEqual(sorted)
  })

  it('tells a page that is named like the rest row from the rest row', () => {
    expect(keyOf({ path: '(other)', visitors: 1 })).not.toBe(
      keyOf({ path: '(other)', visitors: 1, rest: true }),
    )
  })
})

describe('entry ids', () => {
  const ids = fc.tuple(fc.nat(), fc.nat(1000))

  it('sort by offset and then by index, as numbers', () => {
    fc.assert(
      fc.property(ids, ids, ([offsetA, indexA], [offsetB, indexB]) => {
        const sign = Math.sign(offsetA - offsetB || indexA - indexB)
        const compared = compareEntryIds(`${offsetA}-${indexA}`, `${offsetB}-${indexB}`)
        expect(Math.sign(compared)).toBe(sign)
      }),
    )
    expect(['12-3', '9-40', '12-2'].toSorted(compareEntryIds)).toEqual(['9-40', '12-2', '12-3'])
  })
})

describe('what has a window', () => {
  it('is what `minutes` of a selection is for', () => {
    const windowed: ChannelName[] = ['pageViews', 'events', 'goals']
    expect(channelNames.filter(name => channels[name].windowed)).toEqual(windowed)
  })
})
