import type { Clock } from '@tidemark/server'

/** A clock for tests that advances on request only. */
export interface FakeClock extends Clock {
  /** Advances the time and runs due timers in order. Pending promises settle before each timer. */
  advance(ms: number): Promise<void>
}

export function createFakeClock(start: number): FakeClock {
  const timers = new Set<{ at: number; run: () => void }>()
  let now = start

  return {
    now: () => now,
    after(delayMs, run) {
      const timer = { at: now + delayMs, run }
      timers.add(timer)
      return () => void timers.delete(timer)
    },
    async advance(ms) {
      const end = now + ms
      for (;;) {
        await flushPromises()
        const [next] = [...timers].filter(({ at }) => at <= end).toSorted((a, b) => a.at - b.at)
        if (!next) break
        timers.delete(next)
        now = Math.max(now, next.at)
        next.run()
      }
      now = end
    },
  }
}

/** Lets all pending promise callbacks run. */
function flushPromises(): Promise<void> {
  return new Promise(resolve => void setImmediate(resolve))
}
