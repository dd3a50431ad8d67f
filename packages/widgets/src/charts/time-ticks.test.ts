import { expect, it } from 'vitest'
import type { Granularity } from '../fetchMetrics/metrics.ts'
import { spreadTicks, timeTicks } from './time-ticks.ts'
import { zoneOffset } from './time-zone.ts'

const utc = () => 0
const lengthMs = { second: 1000, minute: 60_000, hour: 3_600_000, day: 86_400_000 }

function labels(granularity: Granularity, from: string, count: number, max: number): string[] {
  const first = Date.parse(from)
  const starts = Array.from({ length: count }, (_, index) => first + index * lengthMs[granularity])
  return timeTicks(starts, granularity, max, utc).map(index =>
    new Date(starts[index] ?? 0).toISOString().replace('.000Z', ''),
  )
}

it('timeTicks: labels whole quarters of a minute', () => {
  expect(labels('second', '2026-11-24T10:00:07Z', 60, 5)).toEqual([
    '2026-11-24T10:00:15',
    '2026-11-24T10:00:30',
    '2026-11-24T10:00:45',
    '2026-11-24T10:01:00',
  ])
})

it('timeTicks: labels whole quarters of an hour, fewer in a narrow chart', () => {
  expect(labels('minute', '2026-11-24T10:03Z', 60, 5)).toEqual([
    '2026-11-24T10:15:00',
    '2026-11-24T10:30:00',
    '2026-11-24T10:45:00',
    '2026-11-24T11:00:00',
  ])
  expect(labels('minute', '2026-11-24T10:03Z', 60, 2)).toHaveLength(2)
  expect(labels('minute', '2026-11-24T10:03Z', 60, 1)).toEqual(['2026-11-24T11:00:00'])
})

it('timeTicks: labels midnights, weeks from Monday, and months', () => {
  expect(labels('hour', '2026-11-24T10:00Z', 72, 3)).toEqual([
    '2026-11-25T00:00:00',
    '2026-11-26T00:00:00',
    '2026-11-27T00:00:00',
  ])
  expect(labels('day', '2026-11-01', 30, 5)).toEqual([
    '2026-11-02T00:00:00',
    '2026-11-09T00:00:00',
    '2026-11-16T00:00:00',
    '2026-11-23T00:00:00',
    '2026-11-30T00:00:00',
  ])
  expect(labels('day', '2026-01-15', 365, 6)).toEqual([
    '2026-03-01T00:00:00',
    '2026-05-01T00:00:00',
    '2026-07-01T00:00:00',
    '2026-09-01T00:00:00',
    '2026-11-01T00:00:00',
    '2027-01-01T00:00:00',
  ])
})

it('timeTicks: follows the midnights of a zone across a change of its clocks', () => {
  const offset = zoneOffset('Europe/Berlin')
  const first = Date.parse('2026-10-24T00:00+02:00')
  const starts = Array.from({ length: 72 }, (_, index) => first + index * lengthMs.hour)
  const ticks = timeTicks(starts, 'hour', 3, offset).map(index => starts[index])
  expect(ticks).toEqual(
    ['2026-10-24T00:00+02:00', '2026-10-25T00:00+02:00', '2026-10-26T00:00+01:00'].map(Date.parse),
  )
})

it('timeTicks: labels days and hours that start at another time than those of the zone', () => {
  expect(labels('day', '2026-11-01T05:00Z', 30, 5)).toHaveLength(5)
  expect(labels('hour', '2026-11-24T10:30Z', 24, 4)).toEqual([
    '2026-11-24T12:30:00',
    '2026-11-24T18:30:00',
    '2026-11-25T00:30:00',
    '2026-11-25T06:30:00',
  ])
})

it('timeTicks: has no labels without buckets or room', () => {
  expect(timeTicks([], 'day', 5, utc)).toEqual([])
  expect(timeTicks([0], 'day', 0, utc)).toEqual([])
})

it('timeTicks: stays within the limit for 3,600 seconds and ten years of days', () => {
  expect(labels('second', '2026-11-24T10:00:07Z', 3600, 6).length).toBeLessThanOrEqual(6)
  expect(labels('day', '2016-11-24', 3660, 6).length).toBeLessThanOrEqual(6)
  expect(labels('day', '2016-11-24', 3660, 6).length).toBeGreaterThan(1)
})

it('spreadTicks: labels as many points as fit', () => {
  expect(spreadTicks([0.1, 0.3, 0.5, 0.7, 0.9], 5)).toEqual([0, 1, 2, 3, 4])
  expect(spreadTicks([0.1, 0.3, 0.5, 0.7, 0.9], 3)).toEqual([0, 2, 4])
  expect(spreadTicks([0, 0.9, 0.95, 1], 4)).toEqual([0, 1])
  expect(spreadTicks([], 3)).toEqual([])
  expect(spreadTicks([0], 0)).toEqual([])
})
