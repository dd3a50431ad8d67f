import { setImmediate } from 'node:timers/promises'
import type { Clock } from '../shared/clock.ts'

/** A clock that a test advances. */
export interface ManualClock extends Clock {
  /** Advances the time and runs due timers, by time, then in the order of their creation. */
  advance(ms: number): void
  /**
   * Advances like `advance`, and runs the real event loop after each timer.
   * @param turns of the loop after each timer. Cooperative tasks take more of them on a slow machine. @default 1
   */
  pass(ms: number, turns?: number): Promise<void>
  /** Number of timers that have not run. */
  readonly pending: number
}

interface Timer {
  readonly at: number
  readonly run: () => void
}

/** @param start milliseconds since 1970; by default noon of March 10, 2026 (UTC) */
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
