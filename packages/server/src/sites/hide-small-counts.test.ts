import type { ChannelName, Channels, ValueWindow } from '@tidemark/protocol'
import { describe, expect, it } from 'vitest'
import type { SiteChannel } from '../live/source.ts'
import { createScriptedSource } from '../testing/source.ts'
import { hideSmallCounts } from './hide-small-counts.ts'

/** Returns the value of a channel with counts below 3 hidden. */
function hide<Name extends SiteChannel>(name: Name, value: Channels[Name]): unknown {
  return hideSmallCounts(createScriptedSource({ [name]: value }), 3).read(name, 5)
}

const at = 1_800_000_000_000
const numbers = { sum: 9, mean: 3, min: 1, max: 5, last: 4, rate: 0.1 }
const quantiles = { p50: 3, p75: 4, p90: 5, p95: 5, p99: 5 }
const windowOf = (count: number): ValueWindow => ({ count, ...numbers, ...quantiles })
const empty = Object.fromEntries(Object.keys(windowOf(0)).map(name => [name, 0]))

describe('Hidden small counts', () => {
  it('are totals of 0', () => {
    expect([2, 3].map(count => hide('currentVisitors', count))).toEqual([0, 3])
    expect([2, 3].map(count => hide('pageViews', count))).toEqual([0, 3])
  })

  it('of devices are part of the row "other", which is left out below the minimum', () => {
    const row = (device: 'desktop' | 'mobile' | 'tablet', visitors: number) => ({
      ...{ device, visitors },
    })
    expect(hide('devices', [row('desktop', 5), row('mobile', 2), row('tablet', 1)])).toEqual([
      row('desktop', 5),
      { device: 'other', visitors: 3, rest: true },
    ])
    expect(hide('devices', [row('desktop', 5), row('mobile', 2)])).toEqual([row('desktop', 5)])
  })

  it.each([
    ['activePages', 'path', '(other)'],
    ['referrers', 'source', '(other)'],
    ['countries', 'country', '(other)'],
  ] as const)('of %s join the row for the rest', (name: ChannelName, field, rest) => {
    const rows = [
      { [field]: 'a', visitors: 3 },
      { [field]: 'b', visitors: 2 },
      { [field]: rest, visitors: 1, rest: true },
    ]
    const read = hideSmallCounts(createScriptedSource({ [name]: rows }), 3).read
    expect(read(name as SiteChannel, 5)).toEqual([
      { [field]: 'a', visitors: 3 },
      { [field]: rest, visitors: 3, rest: true },
    ])
  })

  it('of events are compared by count', () => {
    const row = (name: string, count: number) => ({ name, count })
    expect(hide('events', [row('a', 3), row('b', 2), row('c', 1)])).toEqual([
      row('a', 3),
      { name: '(other)', count: 3, rest: true },
    ])
    expect(hide('events', [row('a', 3), row('b', 2)])).toEqual([row('a', 3)])
  })

  it('of goals are left out by visitors, as one visitor may reach several goals', () => {
    const row = (goal: string, visitors: number) => ({ goal, count: 9, visitors })
    expect(hide('goals', [row('a', 3), row('b', 2), row('c', 2)])).toEqual([row('a', 3)])
  })

  it('of series are buckets of zeros by visitors', () => {
    const row = (visitors: number) => ({ at, events: 9, pageViews: 8, visitors })
    const zero = { at, events: 0, pageViews: 0, visitors: 0 }
    for (const name of ['secondSeries', 'minuteSeries'] as const) {
      expect(hide(name, [row(2), row(3)])).toEqual([zero, row(3)])
    }
  })

  it('of values are empty windows, and names without values are left out', () => {
    const row = (name: string, counts: [number, number, number]) => ({
      name,
      ...{ '1s': windowOf(counts[0]), '5s': windowOf(counts[1]), '1m': windowOf(counts[2]) },
    })
    expect(hide('values', [row('a', [1, 3, 4]), row('b', [1, 2, 2])])).toEqual([
      { name: 'a', '1s': empty, '5s': windowOf(3), '1m': windowOf(4) },
    ])
  })

  it('leave no entry of the feed', () => {
    expect(
      hide('recentEvents', [{ id: '1.0', type: 'pageview', name: 'x', timestamp: at }]),
    ).toEqual([])
  })

  it('keep the identity of an unchanged value', () => {
    const source = createScriptedSource({ goals: [{ goal: 'a', count: 1, visitors: 3 }] })
    const hidden = hideSmallCounts(source, 3)
    const before = hidden.read('goals', 5)
    expect(hidden.read('goals', 5)).toBe(before)
    source.set('goals', [{ goal: 'a', count: 2, visitors: 4 }])
    expect(hidden.read('goals', 5)).not.toBe(before)
  })

  it('of pages are 0, also when they change', () => {
    const source = createScriptedSource({})
    const hidden = hideSmallCounts(source, 3)
    const seen: unknown[] = []
    hidden.observePages((path, count) => seen.push([path, count]))
    for (const count of [2, 3, 4]) source.setVisitors('/a', count)
    expect(seen).toEqual([0, 0, 3].map(count => ['/a', count]))
    expect([hidden.visitorsOf('/a'), hidden.visitorsOf('/b')]).toEqual([4, 0])
  })
})
