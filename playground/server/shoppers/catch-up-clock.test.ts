import { expect, it } from 'vitest'
import { createFakeClock } from '../testing/fake-clock.ts'
import { createCatchUpClock } from './catch-up-clock.ts'

it('runs what was due in the past in the order of its times, each at its own', () => {
  const clock = createCatchUpClock(1000, createFakeClock(5000))
  const seen: [string, number][] = []
  const see = (what: string) => () => void seen.push([what, clock.now()])
  clock.after(3000, see('late'))
  clock.after(1000, () => {
    see('early')()
    clock.after(500, see('between'))
  })
  expect(clock.now()).toBe(1000)
  clock.catchUp()
  expect(seen).toEqual([
    ['early', 2000],
    ['between', 2500],
    ['late', 4000],
  ])
  expect(clock.now()).toBe(5000)
})

it('leaves what is not due yet to the real clock, and is that clock from then on', async () => {
  const real = createFakeClock(5000)
  const clock = createCatchUpClock(1000, real)
  const seen: number[] = []
  clock.after(4500, () => void seen.push(clock.now()))
  clock.catchUp()
  clock.after(1000, () => void seen.push(clock.now()))
  expect(seen).toEqual([])
  await real.pass(500)
  expect(seen).toEqual([5500])
  await real.pass(500)
  expect(seen).toEqual([5500, 6000])
})

it('cancels a timer before it has caught up and after', async () => {
  const real = createFakeClock(5000)
  const clock = createCatchUpClock(1000, real)
  const seen: string[] = []
  const cancelPast = clock.after(1000, () => void seen.push('past'))
  const cancelFuture = clock.after(6000, () => void seen.push('future'))
  cancelPast()
  clock.catchUp()
  cancelFuture()
  await real.pass(10_000)
  expect(seen).toEqual([])
})
