import { expect, it } from 'vitest'
import { createManualClock } from '../testing/clock.ts'
import { createLineLimiter } from './line-limiter.ts'

const minuteMs = 60_000

function setUp() {
  const clock = createManualClock()
  const limiter = createLineLimiter(clock)
  const lines: string[] = []
  const add = (kind: string, burst = 1): void =>
    limiter.add({
      kind,
      burst,
      write: () => void lines.push(kind),
      writeSummary: count => void lines.push(`${kind} ${count}`),
    })
  return { clock, limiter, lines, add }
}

it('createLineLimiter: writes the first line of each kind at once, and one summary per minute', () => {
  const { clock, lines, add } = setUp()
  for (let count = 0; count < 5; count++) add('a')
  add('b')
  expect(lines).toEqual(['a', 'b'])
  clock.advance(minuteMs)
  expect(lines).toEqual(['a', 'b', 'a 4'])
  add('a')
  clock.advance(minuteMs)
  expect(lines).toEqual(['a', 'b', 'a 4', 'a 1'])
})

it('createLineLimiter: starts again after a minute without a line, and leaves no timer', () => {
  const { clock, lines, add } = setUp()
  add('a')
  clock.advance(minuteMs)
  expect(clock.pending).toBe(0)
  add('a')
  expect(lines).toEqual(['a', 'a'])
})

it('createLineLimiter: writes a burst of lines, and sums up the others', () => {
  const { clock, lines, add } = setUp()
  for (let count = 0; count < 5; count++) add('a', 3)
  clock.advance(minuteMs)
  expect(lines).toEqual(['a', 'a', 'a', 'a 2'])
})

it('createLineLimiter: writes the due summaries when it closes', () => {
  const { clock, limiter, lines, add } = setUp()
  for (let count = 0; count < 3; count++) add('a')
  limiter.close()
  expect(lines).toEqual(['a', 'a 2'])
  expect(clock.pending).toBe(0)
})

it('createLineLimiter: has a bound for the number of kinds', () => {
  const { lines, add } = setUp()
  for (let kind = 0; kind < 2000; kind++) add(String(kind))
  expect(lines).toHaveLength(500)
})
