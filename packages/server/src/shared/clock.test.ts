import fc from 'fast-check'
import { expect, it, onTestFinished, vi } from 'vitest'
import { createSystemClock } from './clock.ts'

const start = 1_700_000_000_000

/** A machine whose wall clock can be set, and whose monotonic one cannot. */
function setUp() {
  const machine = { elapsedMs: 0, setByMs: 0 }
  const clock = createSystemClock(
    () => start + machine.elapsedMs + machine.setByMs,
    () => machine.elapsedMs,
  )
  return { machine, clock }
}

it('begins at the wall clock and counts whole milliseconds', () => {
  const { machine, clock } = setUp()
  expect(clock.now()).toBe(start)
  machine.elapsedMs = 1234.9
  expect(clock.now()).toBe(start + 1234)
})

it.each([
  ['back an hour', -3_600_000],
  ['forward a day', 86_400_000],
])('does not follow when the machine is set %s, however often it is read', (_, setByMs) => {
  const { machine, clock } = setUp()
  machine.setByMs = setByMs
  for (let read = 0; read < 100_000; read++) {
    machine.elapsedMs += 0.6
    clock.now()
  }
  expect(Math.abs(clock.now() - (start + 60_000))).toBeLessThan(100)
})

it('follows the wall clock where the two drift apart as oscillators do', () => {
  const { machine, clock } = setUp()
  for (let second = 0; second < 86_400; second++) {
    machine.elapsedMs += 1000
    machine.setByMs += 0.05
    clock.now()
  }
  expect(Math.abs(clock.now() - (start + 86_400_000 + 4320))).toBeLessThanOrEqual(1)
})

it('never runs backwards, whatever the machine does', () => {
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

it('calls back once, and not after it was cancelled', async () => {
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

it('waits for longer than a timer of the platform can', () => {
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
