import { vi } from 'vitest'

/** A clock that only moves when a test moves it, for the client and for its libraries. */
export interface ManualClock {
  /** Current time, in milliseconds since 1970. */
  now(): number
  /** Advances the time, runs due timers, and runs the microtasks after each of them. */
  advance(ms: number): Promise<void>
  /** Runs pending microtasks. */
  flush(): Promise<void>
  /** Sets the current time forward or back without running timers. */
  jump(ms: number): void
  /** Number of pending timers, including those of libraries. */
  readonly pending: number
}

/** Microtask rounds that `flush` runs; a poll needs about ten. */
const maxMicrotaskRounds = 60

/** Timers after which `advance` reports an endless loop. */
const maxTimers = 20_000

/**
 * Installs Vitest's fake timers. `reconnecting-websocket` uses global timers, so it and the client's platform share
 * this clock.
 * @param start milliseconds since 1970; by default the start of a minute in 2026
 */
export function createManualClock(start: number = Date.UTC(2026, 2, 10, 12)): ManualClock {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'], now: start })

  async function flush(): Promise<void> {
    for (let round = 0; round < maxMicrotaskRounds; round++) await Promise.resolve()
  }

  return {
    now: () => Date.now(),
    async advance(ms) {
      let hasEnded = false
      const end = setTimeout(() => (hasEnded = true), ms)
      try {
        await flush()
        for (let timers = 0; !hasEnded; timers++) {
          if (timers > maxTimers)
            throw new Error(
              `More than ${maxTimers} timers ran; a timer restarts itself without delay.`,
            )
          vi.advanceTimersToNextTimer()
          await flush()
        }
      } finally {
        clearTimeout(end)
      }
    },
    flush,
    jump: ms => void vi.setSystemTime(Date.now() + ms),
    get pending() {
      return vi.getTimerCount()
    },
  }
}
