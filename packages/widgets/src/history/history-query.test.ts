import { expect, it } from 'vitest'
import { type HistoryQuery, queryKeyOf, toMetricsQuery } from './history-query.ts'
import type { RangeLength } from './range-selection.ts'

const now = Date.UTC(2026, 11, 1, 12, 34, 56)

it.each<[HistoryQuery, string]>([
  [{ range: { last: '5m' } }, 'second'],
  [{ range: { last: '5m' }, finest: 'minute' }, 'minute'],
  [{ range: { last: '30d' }, finest: 'minute' }, 'day'],
  [{ range: { last: '5m' }, by: 'path' }, 'minute'],
  [{ range: { last: '5m' }, by: 'channel' }, 'hour'],
  [{ range: { last: '60m' }, by: 'property' }, 'hour'],
  [{ range: { last: '7d' }, by: 'channel' }, 'day'],
  [{ by: 'entryPage' }, 'hour'],
  // The server refuses it, and says why.
  [{ granularity: 'minute', by: 'channel' }, 'minute'],
])('toMetricsQuery: sends %j by %ss', (query, granularity) => {
  expect(toMetricsQuery(query, now).granularity).toBe(granularity)
})

it('queryKeyOf: shares a request with a query for longer buckets, unless the range has seconds', () => {
  const site = { baseUrl: '/api', siteId: 'shop' }
  const keyOf = (last: RangeLength, finest?: 'minute'): string =>
    queryKeyOf(site, { range: { last }, finest })
  expect(keyOf('24h', 'minute')).toBe(keyOf('24h'))
  expect(keyOf('15m', 'minute')).toBe(keyOf('15m'))
  expect(keyOf('10m', 'minute')).not.toBe(keyOf('10m'))
})

it('toMetricsQuery: covers a range of minutes by hours from its start, not from the current hour', () => {
  const { from } = toMetricsQuery({ range: { last: '60m' }, by: 'channel' }, now)
  expect(from).toBe(Date.UTC(2026, 11, 1, 11, 35))
})

it('toMetricsQuery: sends the filters of a dimension, and none of another one', () => {
  const range = { last: '7d' } as const
  const property = { by: 'property', name: 'purchase', property: 'plan', range } as const
  expect(toMetricsQuery(property, now)).toMatchObject({ name: 'purchase', property: 'plan' })
  const pages = { by: 'referringPage', referrer: 'news.example', range } as const
  expect(toMetricsQuery(pages, now)).toMatchObject({ referrer: 'news.example' })
  const other = toMetricsQuery({ ...property, ...pages, by: 'path' }, now)
  expect(Object.keys(other)).not.toEqual(expect.arrayContaining(['name']))
  expect(Object.keys(other)).not.toEqual(expect.arrayContaining(['referrer']))
})
