import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type LiveWindow, createLiveWindow } from './live-window.ts'

const options = { bucketMs: 1000, serverBuckets: 5, maxPoints: 8 }
const row = (second: number, pageViews: number) => ({
  at: second * 1000,
  events: pageViews + 1,
  pageViews,
  visitors: 1,
})
const values = (window: LiveWindow, now: number, count = 8) =>
  window.points('pageViews', now, count).map(({ value }) => value)

it('LiveWindow: fills known buckets without a row with zeros', () => {
  const window = createLiveWindow(options)
  window.apply([row(97, 3), row(100, 1)], 100_500)
  expect(values(window, 100_500, 5)).toEqual([0, 3, 0, 0, 1])
  expect(window.points('events', 100_500, 1)).toEqual([
    { at: 100_000, value: 2, isPartial: true, partial: 'running' },
  ])
})

it('LiveWindow: keeps buckets that left the window of the server', () => {
  const window = createLiveWindow(options)
  window.apply([row(97, 3)], 100_500)
  window.apply([row(102, 2)], 103_000)
  expect(values(window, 103_000)).toEqual([0, 3, 0, 0, 0, 0, 2, 0])
})

it('LiveWindow: shows buckets as unknown in which the server was unreachable', () => {
  const window = createLiveWindow(options)
  window.apply([row(97, 3)], 98_000)
  expect(values(window, 101_000)).toEqual([0, 0, 0, 3, 0, undefined, undefined, undefined])
  window.apply([row(105, 1)], 105_200)
  expect(values(window, 105_200)).toEqual([0, undefined, undefined, 0, 0, 0, 0, 1])
})

it('LiveWindow: shows buckets after the last known one as pending while updates arrive', () => {
  const window = createLiveWindow(options)
  window.apply([row(97, 3)], 98_000)
  const gaps = window.points('events', 100_000, 8, 'pending').map(({ gap }) => gap)
  expect(gaps).toEqual(['unknown', ...Array(5).fill(undefined), 'pending', 'pending'])
})

it('LiveWindow: replaces a row that a late event has changed', () => {
  const window = createLiveWindow(options)
  window.apply([row(97, 3)], 100_000)
  window.apply([row(97, 4), row(98, 1)], 100_000)
  expect(values(window, 100_000, 5)).toEqual([0, 4, 1, 0, 0])
})

it('LiveWindow: is unknown after it was cleared', () => {
  const window = createLiveWindow(options)
  window.apply([row(97, 3)], 100_000)
  window.clear()
  expect(values(window, 100_000, 2)).toEqual([undefined, undefined])
})

it('LiveWindow: has bounded memory, and equal spacing, after any updates', () => {
  const update = fc.record({ step: fc.integer({ min: 0, max: 20 }), count: fc.nat(9) })
  fc.assert(
    fc.property(fc.array(update), updates => {
      const window = createLiveWindow(options)
      let second = 1000
      for (const { step, count } of updates) {
        second += step
        window.apply([row(second, count)], second * 1000)
        const points = window.points('pageViews', second * 1000, 1000)
        expect(points.length).toBe(8)
        expect(points.at(-1)?.value).toBe(count)
        expect(points.every(({ at }, index) => at === (second - 7 + index) * 1000)).toBe(true)
      }
    }),
  )
})
