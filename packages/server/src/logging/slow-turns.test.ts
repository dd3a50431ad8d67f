import { setTimeout } from 'node:timers/promises'
import { expect, it, onTestFinished } from 'vitest'
import { createManualClock } from '../testing/clock.ts'
import { watchSlowTurns } from './slow-turns.ts'

/** Watches a turn of 120 ms, of which the process has used some milliseconds of processor time. */
async function watchSlowTurn(usedMs: number) {
  const clock = createManualClock()
  const reported: number[] = []
  let processorMs = 1000
  const turns = watchSlowTurns(
    clock,
    ms => void reported.push(ms),
    () => processorMs,
  )
  onTestFinished(turns.stop)
  // The measurement starts with a turn of the loop.
  await setTimeout(25)
  const until = performance.now() + 120
  while (performance.now() < until);
  await setTimeout(25)
  processorMs += usedMs
  clock.advance(1000)
  return { reported, turns }
}

it('watchSlowTurns: reports the longest slow turn of a second once', async () => {
  const { reported, turns } = await watchSlowTurn(120)
  expect(reported).toHaveLength(1)
  expect(reported[0]).toBeGreaterThan(50)
  expect(turns.delay().maxMs).toBeGreaterThan(50)
  expect(turns.delay().meanMs).toBeLessThan(turns.delay().maxMs)
})

it('watchSlowTurns: does not report a turn that other programs have delayed', async () => {
  const { reported, turns } = await watchSlowTurn(10)
  expect(reported).toEqual([])
  expect(turns.delay().maxMs).toBeGreaterThan(50)
})
