import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ChannelName, channelNames, channels, compareEntryIds } from './channels.ts'

it('channelNames: lists every channel once', () => {
  expect(new Set(channelNames)).toEqual(new Set(Object.keys(channels)))
  expect(channelNames.length).toBe(Object.keys(channels).length)
})

describe('Channel order: ranked lists', () => {
  const { keyOf, compare } = channels.activePages

  it('sorts by descending count, then by name in code unit order, with the rest row last', () => {
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

  it('separates a page named like the rest row from the rest row', () => {
    expect(keyOf({ path: '(other)', visitors: 1 })).not.toBe(
      keyOf({ path: '(other)', visitors: 1, rest: true }),
    )
  })
})

describe('compareEntryIds', () => {
  const ids = fc.tuple(fc.nat(), fc.nat(1000))

  it('compares offsets and then indexes as numbers', () => {
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

describe('Channel specification: windows', () => {
  it('marks exactly the channels that depend on `minutes`', () => {
    const windowed: ChannelName[] = ['pageViews', 'events', 'goals']
    expect(channelNames.filter(name => channels[name].windowed)).toEqual(windowed)
  })
})
