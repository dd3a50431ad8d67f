import { setTimeout } from 'node:timers/promises'
import { expect, it, onTestFinished } from 'vitest'
import { createManualClock } from '../testing/clock.ts'
import { watchSlowTurns } from './slow-turns.ts'

it('watchSlowTurns: reports the longest slow turn of a second once', async () => {
  const clock = createManualClock()
  const reported: number[] = []
  const turns = watchSlowTurns(clock, ms => void reported.push(ms))
  onTestFinished(turns.stop)
  // The measurement starts with a turn of the loop.
  await setTimeout(25)
  const until = performance.now() + 120
  while (performance.now() < until);
  await setTimeout(25)
  clock.advance(1000)
  expect(reported).toHaveLength(1)
  expect(reported[0]).toBeGreaterThan(50)
  expect(turns.delay().maxMs).toBeGreaterThan(50)
  expect(turns.delay().meanMs).toBeLessThan(turns.delay().maxMs)
})
