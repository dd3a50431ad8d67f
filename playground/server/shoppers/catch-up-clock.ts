import type { Clock } from '@tidemark/server'

/** A clock that starts in the past and runs through the past in one synchronous call. */
export interface CatchUpClock extends Clock {
  /** Runs all timers that are due by now, in order, each at its time. Afterwards follows the real clock. */
  catchUp(): void
}

interface Timer {
  readonly at: number
  readonly run: () => void
  cancel(): void
}

/**
 * @param startMs first time of the clock, in milliseconds since 1970
 * @param real the clock to follow after `catchUp`
 */
export function createCatchUpClock(startMs: number, real: Clock): CatchUpClock {
  const waiting = new Set<Timer>()
  /** Current time in the past, in milliseconds; `undefined` after `catchUp`. */
  let pastMs: number | undefined = startMs

  function earliestTimer(): Timer | undefined {
    let earliest: Timer | undefined
    for (const timer of waiting) if (!earliest || timer.at < earliest.at) earliest = timer
    return earliest
  }

  return {
    now: () => pastMs ?? real.now(),
    after(delayMs, run) {
      if (pastMs === undefined) return real.after(delayMs, run)
      const timer: Timer = { at: pastMs + delayMs, run, cancel: () => void waiting.delete(timer) }
      waiting.add(timer)
      return () => timer.cancel()
    },
    catchUp() {
      const now = real.now()
      for (let timer = earliestTimer(); timer && timer.at <= now; timer = earliestTimer()) {
        waiting.delete(timer)
        pastMs = timer.at
        timer.run()
      }
      pastMs = undefined
      for (const timer of waiting) timer.cancel = real.after(timer.at - now, timer.run)
      waiting.clear()
    },
  }
}
