import fc from 'fast-check'
import { expect, it, onTestFinished, vi } from 'vitest'
import { createSystemClock } from './clock.ts'

const start = 1_700_000_000_000

/** Creates a clock on a simulated machine. `setByMs` is the adjustment of the machine's wall clock. */
function setUp() {
  const machine = { elapsedMs: 0, setByMs: 0 }
  const clock = createSystemClock(
    () => start + machine.elapsedMs + machine.setByMs,
    () => machine.elapsedMs,
  )
  return { machine, clock }
}

it('SystemClock: starts at the wall-clock time and returns whole milliseconds', () => {
  const { machine, clock } = setUp()
  expect(clock.now()).toBe(start)
  machine.elapsedMs = 1234.9
  expect(clock.now()).toBe(start + 1234)
})

it.each([
  ['back an hour', -3_600_000],
  ['forward a day', 86_400_000],
])(
  'SystemClock: ignores an adjustment of the machine %s, however often it is read',
  (_, setByMs) => {
    const { machine, clock } = setUp()
    machine.setByMs = setByMs
    for (let read = 0; read < 100_000; read++) {
      machine.elapsedMs += 0.6
      clock.now()
    }
    expect(Math.abs(clock.now() - (start + 60_000))).toBeLessThan(100)
  },
)

it('SystemClock: follows the drift of an oscillator', () => {
  const { machine, clock } = setUp()
  for (let second = 0; second < 86_400; second++) {
    machine.elapsedMs += 1000
    machine.setByMs += 0.05
    clock.now()
  }
  expect(Math.abs(clock.now() - (start + 86_400_000 + 4320))).toBeLessThanOrEqual(1)
})

it('SystemClock: never goes back, whatever the machine does', () => {
  const steps = fc.array(
    fc.record({ elapsedMs: fc.double({ min: 0, max: 5000, noNaN: true }), setMs: fc.integer() }),
  )
  fc.assert(
    fc.property(steps, all => {
      const { machine, clock } = setUp()
      let last = clock.now()
      for (const { elapsedMs, setMs } of all) {
        machine.elapsedMs += elapsedMs
        machine.setByMs += setMs
        const now = clock.now()
        expect(Number.isInteger(now) && now >= last).toBe(true)
        last = now
      }
    }),
  )
})

it('SystemClock: calls back once, and never after cancellation', async () => {
  const { clock } = setUp()
  const ran: string[] = []
  const cancel = clock.after(0, () => ran.push('cancelled'))
  cancel()
  await new Promise<void>(resolve => {
    clock.after(0, () => ran.push('first'))
    clock.after(1, resolve)
  })
  expect(ran).toEqual(['first'])
})

it('SystemClock: supports delays longer than the limit of setTimeout', () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const { clock } = setUp()
  const dayMs = 86_400_000
  const ran: string[] = []
  clock.after(60 * dayMs, () => ran.push('after sixty days'))
  const cancel = clock.after(60 * dayMs, () => ran.push('cancelled'))
  vi.advanceTimersByTime(59 * dayMs)
  expect(ran).toEqual([])
  cancel()
  vi.advanceTimersByTime(dayMs)
  expect(ran).toEqual(['after sixty days'])
  vi.advanceTimersByTime(60 * dayMs)
  expect(ran).toHaveLength(1)
})
