import type { Clock } from '@tidemark/server'

/** A clock that begins in the past, and goes through it at once when it is told to. */
export interface CatchUpClock extends Clock {
  /** Runs everything that was due until now, in order, each at its own time; from then on it is the real clock. */
  catchUp(): void
}

interface Timer {
  readonly at: number
  readonly run: () => void
  cancel(): void
}

/**
 * @param from where it begins, in milliseconds since 1970
 * @param real the clock that it becomes
 */
export function createCatchUpClock(from: number, real: Clock): CatchUpClock {
  const waiting = new Set<Timer>()
  /** What time it is in the past; `undefined` from when it is over. */
  let past: number | undefined = from

  function first(): Timer | undefined {
    let earliest: Timer | undefined
    for (const timer of waiting) if (!earliest || timer.at < earliest.at) earliest = timer
    return earliest
  }

  return {
    now: () => past ?? real.now(),
    after(delayMs, run) {
      if (past === undefined) return real.after(delayMs, run)
      const timer: Timer = { at: past + delayMs, run, cancel: () => void waiting.delete(timer) }
      waiting.add(timer)
      return () => timer.cancel()
    },
    catchUp() {
      const now = real.now()
      for (let timer = first(); timer && timer.at <= now; timer = first()) {
        waiting.delete(timer)
        past = timer.at
        timer.run()
      }
      past = undefined
      for (const timer of waiting) timer.cancel = real.after(timer.at - now, timer.run)
      waiting.clear()
    },
  }
}
