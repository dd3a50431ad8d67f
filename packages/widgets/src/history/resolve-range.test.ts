import { afterAll, expect, it, vi } from 'vitest'
import { type RangeSelection, parseLength, toDateText } from './range-selection.ts'
import { previousRange, resolveRange } from './resolve-range.ts'

vi.stubEnv('TZ', 'Europe/Berlin')
afterAll(() => void vi.unstubAllEnvs())

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs
const now = Date.parse('2026-12-01T12:34:56.789+01:00')
const quarter = Date.parse('2026-12-01T12:30+01:00')

it.each([
  ['5m', 'second', Date.parse('2026-12-01T12:34:56+01:00') - 299_000],
  ['60m', 'minute', Date.parse('2026-12-01T12:34+01:00') - 59 * minuteMs],
  ['6h', 'minute', Date.parse('2026-12-01T12:34+01:00') - 359 * minuteMs],
  ['24h', 'hour', quarter - 23 * hourMs],
  ['2d', 'hour', quarter - 47 * hourMs],
  ['7d', 'day', quarter - 6 * dayMs],
  ['30d', 'day', quarter - 29 * dayMs],
  ['12mo', 'day', '2025-12-02'],
  ['1mo', 'day', '2026-11-02'],
] as const)('resolveRange: the last %s are whole buckets by %s', (last, granularity, from) => {
  expect(resolveRange({ last }, now)).toEqual({ from, granularity })
})

it('resolveRange: takes another granularity, with as many buckets as fit', () => {
  const from = quarter - (7 * 24 - 1) * hourMs
  expect(resolveRange({ last: '7d' }, now, 'hour')).toEqual({ from, granularity: 'hour' })
  expect(resolveRange({ last: '1h' }, now, 'day')).toEqual({ from: quarter, granularity: 'day' })
})

it('resolveRange: a month before a date that the month lacks starts after its last day', () => {
  const march = Date.parse('2026-03-31T12:00+02:00')
  expect(resolveRange({ last: '1mo' }, march).from).toBe('2026-03-01')
  expect(resolveRange({ last: '13mo' }, march).from).toBe('2025-03-01')
})

it('resolveRange: today and yesterday are days of the viewer, by hours', () => {
  const today = Date.parse('2026-12-01T00:00+01:00')
  expect(resolveRange({ day: 'today' }, now)).toEqual({ from: today, granularity: 'hour' })
  expect(resolveRange({ day: 'yesterday' }, now)).toEqual({
    from: today - dayMs,
    to: today,
    granularity: 'hour',
  })
})

it('resolveRange: a day of a daylight saving change has 23 or 25 hours', () => {
  const lengthOf = (time: string): number => {
    const { from, to } = resolveRange({ day: 'yesterday' }, Date.parse(time))
    return (Number(to) - Number(from)) / hourMs
  }
  expect(lengthOf('2026-03-30T12:00+02:00')).toBe(23)
  expect(lengthOf('2026-10-26T12:00+01:00')).toBe(25)
})

it.each<[string, RangeSelection & { from: unknown }, object]>([
  ['dates', { from: '2026-11-01', to: '2026-12-01' }, { granularity: 'day' }],
  ['one date', { from: '2026-11-30', to: '2026-12-01' }, { granularity: 'hour' }],
  ['a date of today', { from: '2026-12-01', to: '2026-12-02' }, { granularity: 'hour' }],
  ['an old date', { from: '2026-01-01', to: '2026-01-02' }, { granularity: 'day' }],
  ['an hour', { from: now - hourMs, to: now }, { granularity: 'minute' }],
  [
    'an hour of last week',
    { from: now - 7 * dayMs, to: now - 7 * dayMs + hourMs },
    { granularity: 'hour' },
  ],
  ['some seconds', { from: now - 90_000, to: now }, { granularity: 'second' }],
])('resolveRange: chooses the granularity of %s', (_, selection, granularity) => {
  expect(resolveRange(selection, now)).toEqual({ ...selection, ...granularity })
})

it('resolveRange: sends times in milliseconds', () => {
  const range = { from: new Date(now - hourMs), to: '2026-12-01T12:00:00+01:00' }
  expect(resolveRange(range, now)).toMatchObject({
    from: now - hourMs,
    to: Date.parse(range.to),
  })
})

it.each(['', '7', '0d', '7w', '-1d', '1.5h', 'd'])('parseLength: refuses "%s"', text => {
  expect(() => parseLength(text)).toThrow(
    `range: '${text}' is not a length; for example '60m', '24h', '7d' or '12mo'.`,
  )
})

it('toDateText: returns the date of the viewer', () => {
  expect(toDateText(Date.parse('2026-11-30T23:30Z'))).toBe('2026-12-01')
})

it('previousRange: ends where the range starts, and tolerates a daylight saving change', () => {
  expect(previousRange({ from: 10 * dayMs, to: 17 * dayMs, granularity: 'day' })).toEqual({
    from: 3 * dayMs + dayMs / 2,
    to: 10 * dayMs,
    granularity: 'day',
  })
})
