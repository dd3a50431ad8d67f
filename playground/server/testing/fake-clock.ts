import type { Clock } from '@tidemark/server'

/** A clock that stands until it is told to go on. */
export interface FakeClock extends Clock {
  /** Lets time pass and runs what is due in it, in order; between two timers promises get their turn. */
  pass(ms: number): Promise<void>
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
    async pass(ms) {
      const end = now + ms
      for (;;) {
        await settle()
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

/** Lets every promise that can go on do so. */
function settle(): Promise<void> {
  return new Promise(resolve => void setImmediate(resolve))
}
