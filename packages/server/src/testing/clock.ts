import { setImmediate } from 'node:timers/promises'
import type { Clock } from '../shared/clock.ts'

/** A clock that stands still until a test moves it. */
export interface ManualClock extends Clock {
  /** Lets time pass, and runs what is due on the way: by time, and then in the order it was asked for. */
  advance(ms: number): void
  /**
   * The same, and lets what each of them began go on in the real event loop.
   * @param turns of the loop that each of them has. What is done in turns takes more of them where the machine is slow. @default 1
   */
  pass(ms: number, turns?: number): Promise<void>
  /** Timers that are still to run. */
  readonly pending: number
}

interface Timer {
  readonly at: number
  readonly run: () => void
}

/** @param start milliseconds since 1970; by default a whole minute of a day in 2026 */
export function createManualClock(start: number = Date.UTC(2026, 2, 10, 12)): ManualClock {
  const timers = new Set<Timer>()
  let now = start

  function nextUntil(end: number): Timer | undefined {
    let next: Timer | undefined
    for (const timer of timers) {
      if (timer.at <= end && (!next || timer.at < next.at)) next = timer
    }
    return next
  }

  function runDue(timer: Timer): void {
    timers.delete(timer)
    now = Math.max(now, timer.at)
    timer.run()
  }

  return {
    now: () => now,
    after(delayMs, run) {
      const timer: Timer = { at: now + delayMs, run }
      timers.add(timer)
      return () => void timers.delete(timer)
    },
    advance(ms) {
      const end = now + ms
      for (let timer = nextUntil(end); timer; timer = nextUntil(end)) runDue(timer)
      now = end
    },
    async pass(ms, turns = 1) {
      const end = now + ms
      for (let timer = nextUntil(end); timer; timer = nextUntil(end)) {
        runDue(timer)
        for (let turn = 0; turn < turns; turn++) await setImmediate()
      }
      now = end
    },
    get pending() {
      return timers.size
    },
  }
}
