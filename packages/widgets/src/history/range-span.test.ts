import { afterAll, expect, it, vi } from 'vitest'
import type { RangeSelection } from './range-selection.ts'
import { canStep, isSameSelection, spanOf, stepSelection } from './range-span.ts'

vi.stubEnv('TZ', 'Europe/Berlin')
afterAll(() => void vi.unstubAllEnvs())

const now = Date.parse('2026-12-01T12:34:56+01:00')
const presets: RangeSelection[] = [
  { last: '60m' },
  { day: 'today' },
  { day: 'yesterday' },
  { last: '7d' },
]

/** Returns the ends of a span in local time. */
function localSpan(selection: RangeSelection, at = now): string[] {
  const { from, to } = spanOf(selection, at)
  return [from, to].map(time => new Date(time).toLocaleString('sv').slice(0, 16))
}

it.each<[string, RangeSelection, string[]]>([
  ['minutes', { last: '60m' }, ['2026-12-01 11:35', '2026-12-01 12:35']],
  ['hours', { last: '24h' }, ['2026-11-30 12:35', '2026-12-01 12:35']],
  ['days', { last: '7d' }, ['2026-11-25 00:00', '2026-12-02 00:00']],
  ['months', { last: '12mo' }, ['2025-12-02 00:00', '2026-12-02 00:00']],
  ['today', { day: 'today' }, ['2026-12-01 00:00', '2026-12-02 00:00']],
  ['yesterday', { day: 'yesterday' }, ['2026-11-30 00:00', '2026-12-01 00:00']],
  ['dates', { from: '2026-11-01', to: '2026-11-08' }, ['2026-11-01 00:00', '2026-11-08 00:00']],
])('spanOf: returns the local span of %s', (_, selection, span) => {
  expect(localSpan(selection)).toEqual(span)
})

it.each<[string, RangeSelection, -1 | 1, RangeSelection]>([
  ['a week back', { last: '7d' }, -1, { from: '2026-11-18', to: '2026-11-25' }],
  [
    'a week forward',
    { from: '2026-11-01', to: '2026-11-08' },
    1,
    { from: '2026-11-08', to: '2026-11-15' },
  ],
  ['a week to the current one', { from: '2026-11-18', to: '2026-11-25' }, 1, { last: '7d' }],
  ['a week that is not complete', { from: '2026-11-20', to: '2026-11-27' }, 1, { last: '7d' }],
  ['today back', { day: 'today' }, -1, { day: 'yesterday' }],
  ['yesterday forward', { day: 'yesterday' }, 1, { day: 'today' }],
  ['yesterday back', { day: 'yesterday' }, -1, { from: '2026-11-29', to: '2026-11-30' }],
  [
    'days across a clock change',
    { from: '2026-10-26', to: '2026-10-28' },
    -1,
    { from: '2026-10-24', to: '2026-10-26' },
  ],
  ['days without a preset', { last: '30d' }, -1, { from: '2026-10-03', to: '2026-11-02' }],
])('stepSelection: steps %s', (_, selection, direction, expected) => {
  expect(stepSelection(selection, direction, now, presets)).toEqual(expected)
})

it('stepSelection: steps an hour back, and forward again to the moving hour', () => {
  const back = stepSelection({ last: '60m' }, -1, now, presets)
  expect(localSpan(back)).toEqual(['2026-12-01 10:35', '2026-12-01 11:35'])
  expect(stepSelection(back, 1, now + 10_000_000, presets)).not.toEqual({ last: '60m' })
  expect(stepSelection(back, 1, now + 60_000, [])).toMatchObject({ from: expect.any(Number) })
  expect(stepSelection(back, 1, now, presets)).toEqual({ last: '60m' })
})

it('canStep: stops at now, at the earliest and at the latest date', () => {
  const week = spanOf({ last: '7d' }, now)
  expect([canStep(week, -1, { now }), canStep(week, 1, { now })]).toEqual([true, false])
  const hour = spanOf({ last: '60m' }, now)
  expect(canStep(hour, 1, { now })).toBe(false)
  const past = spanOf({ from: '2026-11-01', to: '2026-11-08' }, now)
  expect(canStep(past, 1, { now })).toBe(true)
  expect(canStep(past, 1, { now, max: past.to })).toBe(false)
  expect(canStep(past, -1, { now, min: past.from })).toBe(false)
})

it('isSameSelection: compares values', () => {
  expect(isSameSelection({ last: '7d' }, { last: '7d' })).toBe(true)
  expect(isSameSelection({ last: '7d' }, { last: '30d' })).toBe(false)
  expect(isSameSelection({ from: new Date(5), to: 7 }, { from: 5, to: 7 })).toBe(true)
  expect(isSameSelection({ day: 'today' }, { from: 5, to: 7 })).toBe(false)
})
