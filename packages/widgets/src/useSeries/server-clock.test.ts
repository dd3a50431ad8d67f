import { expect, it } from 'vitest'
import { createServerClock } from './server-clock.ts'

const rowAt = (at: number) => [{ at, events: 1, pageViews: 1, visitors: 1 }]

it('ServerClock: trusts a clock that fits the rows', () => {
  const clock = createServerClock(1000)
  clock.observe(rowAt(50_000), 100_500)
  clock.observe(rowAt(100_000), 101_500)
  expect(clock.toServer(102_000)).toBe(102_000)
})

it('ServerClock: corrects a clock that is behind the rows', () => {
  const clock = createServerClock(1000)
  clock.observe(rowAt(400_000), 100_000)
  expect(clock.toServer(100_000)).toBe(400_000)
})

it('ServerClock: corrects a clock that is ahead, when a new bucket appears', () => {
  const clock = createServerClock(1000)
  clock.observe(rowAt(100_000), 900_000)
  expect(clock.toServer(900_000)).toBe(900_000)
  clock.observe(rowAt(102_000), 902_000)
  expect(clock.toServer(902_000)).toBe(118_000)
})

it('ServerClock: ignores an empty series', () => {
  const clock = createServerClock(1000)
  clock.observe([], 100_000)
  expect(clock.toServer(5)).toBe(5)
})
