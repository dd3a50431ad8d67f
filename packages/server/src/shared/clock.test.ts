import fc from 'fast-check'
import { expect, it, onTestFinished, vi } from 'vitest'
import { createSystemClock } from './clock.ts'

const start = 1_700_000_000_000

/** Creates a clock on a simulated machine. `setByMs` is the adjustment of the machine's wall clock. */
function setUp() {
  const machine = { elapsedMs: 0, setByMs: 0 }
  const jumps: number[] = []
  const clock = createSystemClock({
    wall: () => start + machine.elapsedMs + machine.setByMs,
    monotonic: () => machine.elapsedMs,
    onJump: byMs => jumps.push(byMs),
  })
  /** Reads the clock each second of a time. */
  function run(ms: number): void {
    for (let left = ms; left > 0; left -= 1000) {
      machine.elapsedMs += 1000
      clock.now()
    }
  }
  return { machine, clock, jumps, run }
}

it('SystemClock: starts at the wall-clock time and returns whole milliseconds', () => {
  const { machine, clock } = setUp()
  expect(clock.now()).toBe(start)
  machine.elapsedMs = 1234.9
  expect(clock.now()).toBe(start + 1234)
})

const hourMs = 3_600_000

it.each([
  ['back half a minute', -30_000],
  ['forward half a minute', 30_000],
])('SystemClock: follows an adjustment %s gradually, however often it is read', (_, setByMs) => {
  const { machine, clock, jumps } = setUp()
  machine.setByMs = setByMs
  for (let read = 0; read < 100_000; read++) {
    machine.elapsedMs += 0.6
    clock.now()
  }
  expect(Math.abs(clock.now() - (start + 60_000))).toBeLessThan(100)
  expect(jumps).toEqual([])
})

it('SystemClock: follows a jump forward at once, and reports it once', () => {
  const { machine, clock, jumps, run } = setUp()
  run(5000)
  machine.setByMs = 8 * hourMs
  expect(clock.now()).toBe(start + 5000 + 8 * hourMs)
  run(60_000)
  expect(clock.now()).toBe(start + 65_000 + 8 * hourMs)
  expect(jumps).toEqual([8 * hourMs])
})

it('SystemClock: runs at nine tenths of its speed after a jump back, until the wall clock has caught up', () => {
  const { machine, clock, jumps, run } = setUp()
  machine.setByMs = -hourMs
  run(hourMs)
  expect(clock.now()).toBe(start + 0.9 * hourMs)
  expect(clock.wall()).toBe(start)
  run(10 * hourMs)
  const aheadMs = clock.now() - clock.wall()
  expect(aheadMs >= 0 && aheadMs <= 60_000).toBe(true)
  expect(jumps).toEqual([-hourMs])
})

it('SystemClock: is back at once when a jump back is corrected', () => {
  const { machine, clock, jumps, run } = setUp()
  machine.setByMs = -8 * hourMs
  run(hourMs)
  machine.setByMs = 0
  expect(clock.now()).toBe(start + hourMs)
  expect(jumps).toEqual([-8 * hourMs, 8 * hourMs])
})

it('SystemClock: takes a start before the time is known as a jump forward', () => {
  const { machine, clock, jumps } = setUp()
  machine.setByMs = 20 * 365 * 24 * hourMs
  expect(clock.now()).toBe(start + machine.setByMs)
  expect(jumps).toHaveLength(1)
})

it('SystemClock: continues from the time of stored data', () => {
  const { clock, jumps, run } = setUp()
  clock.notBefore(start - hourMs)
  expect(clock.now()).toBe(start)
  clock.notBefore(start + hourMs)
  expect(clock.now()).toBe(start + hourMs)
  run(hourMs)
  expect(clock.now()).toBe(start + 1.9 * hourMs)
  expect(jumps).toEqual([])
})

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
