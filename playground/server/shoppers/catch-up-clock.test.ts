import { expect, it } from 'vitest'
import { createFakeClock } from '../testing/fake-clock.ts'
import { createCatchUpClock } from './catch-up-clock.ts'

it('CatchUpClock: runs past timers in order, each at its time', () => {
  const clock = createCatchUpClock(1000, createFakeClock(5000))
  const runs: [string, number][] = []
  const record = (name: string) => () => void runs.push([name, clock.now()])
  clock.after(3000, record('late'))
  clock.after(1000, () => {
    record('early')()
    clock.after(500, record('between'))
  })
  expect(clock.now()).toBe(1000)
  clock.catchUp()
  expect(runs).toEqual([
    ['early', 2000],
    ['between', 2500],
    ['late', 4000],
  ])
  expect(clock.now()).toBe(5000)
})

it('CatchUpClock: hands future timers to the real clock and follows it afterwards', async () => {
  const real = createFakeClock(5000)
  const clock = createCatchUpClock(1000, real)
  const runs: number[] = []
  clock.after(4500, () => void runs.push(clock.now()))
  clock.catchUp()
  clock.after(1000, () => void runs.push(clock.now()))
  expect(runs).toEqual([])
  await real.advance(500)
  expect(runs).toEqual([5500])
  await real.advance(500)
  expect(runs).toEqual([5500, 6000])
})

it('CatchUpClock: cancels timers before and after it catches up', async () => {
  const real = createFakeClock(5000)
  const clock = createCatchUpClock(1000, real)
  const runs: string[] = []
  const cancelPast = clock.after(1000, () => void runs.push('past'))
  const cancelFuture = clock.after(6000, () => void runs.push('future'))
  cancelPast()
  clock.catchUp()
  cancelFuture()
  await real.advance(10_000)
  expect(runs).toEqual([])
})
