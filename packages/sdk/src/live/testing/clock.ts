import { vi } from 'vitest'

/** The clock of a test: it stands still until it is moved, for us and for the libraries we use alike. */
export interface ManualClock {
  /** Milliseconds since 1970, by the clock on the wall. */
  now(): number
  /** Lets time pass and runs what is due on the way, with all that follows from it. */
  advance(ms: number): Promise<void>
  /** Lets everything that waits for no time happen. */
  settle(): Promise<void>
  /** Sets the clock on the wall forward or back. Timers do not notice. */
  jump(ms: number): void
  /** Timers that are still to run, of everybody. */
  readonly pending: number
}

/** How many promises may hang on one another before `settle` loses patience; a poll takes about ten. */
const maxChainedPromises = 60

/** How many timers may run in one `advance` before it counts as a loop. */
const maxTimers = 20_000

/**
 * Puts Vitest's fake timers in the place of the real ones. `reconnecting-websocket` takes the timers of
 * the global object, so there is one clock for it and for the platform that is handed to our own code.
 * @param start milliseconds since 1970; by default a whole minute of a day in 2026
 */
export function createManualClock(start: number = Date.UTC(2026, 2, 10, 12)): ManualClock {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'], now: start })

  async function settle(): Promise<void> {
    for (let hop = 0; hop < maxChainedPromises; hop++) await Promise.resolve()
  }

  return {
    now: () => Date.now(),
    async advance(ms) {
      let isOver = false
      const end = setTimeout(() => (isOver = true), ms)
      try {
        await settle()
        for (let timers = 0; !isOver; timers++) {
          if (timers > maxTimers) throw new Error('Timers start one another without end.')
          vi.advanceTimersToNextTimer()
          await settle()
        }
      } finally {
        clearTimeout(end)
      }
    },
    settle,
    jump: ms => void vi.setSystemTime(Date.now() + ms),
    get pending() {
      return vi.getTimerCount()
    },
  }
}
