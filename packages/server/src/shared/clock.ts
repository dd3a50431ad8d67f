/** Source of time. Code below the server's entry point receives a clock instead of reading the platform's time. */
export interface Clock {
  /** Returns the server time in milliseconds since 1970, as an integer. The time never goes back. */
  now(): number
  /** Calls `run` once after `delayMs`. Returns a function that cancels the call. */
  after(delayMs: number, run: () => void): () => void
  /**
   * Returns the time of the machine's clock, which may go back, in milliseconds since 1970. Times that other machines
   * set are compared with it, such as the end of a token. @default `now`
   */
  wall?(): number
  /** Makes `now` return at least a time: that of data that an earlier process has stored. @default does nothing */
  notBefore?(time: number): void
}

/**
 * Longest delay of `setTimeout`, in milliseconds (24.8 days). `setTimeout` runs a longer delay at once, and an access
 * token may be valid for longer.
 */
const maxTimeoutMs = 2 ** 31 - 1

/** Difference from which an adjustment of the machine's clock is a jump, in milliseconds. */
const jumpMs = 60_000

/** Largest correction as a fraction of the elapsed time: the rate of `adjtime`. It covers drift and steps of NTP. */
const maxSlew = 0.0005

/** The same after a jump back. */
const maxSlewAfterJump = 0.1

export interface SystemClockOptions {
  /** Returns the wall-clock time, in milliseconds since 1970. @default `Date.now` */
  wall?: () => number
  /** Returns a time that only increases, in milliseconds. @default `performance.now` */
  monotonic?: () => number
  /** Receives the size of each jump of the wall clock, in milliseconds; negative for a jump back. @default ignores it */
  onJump?: (byMs: number) => void
}

/**
 * Creates a clock that starts at the wall-clock time and then counts monotonic time, so that no adjustment of the
 * machine's clock makes a time go back. It follows the wall clock, however often it is read:
 *
 * - a small difference gradually, by at most 0.05 % of the elapsed time;
 * - a jump forward of more than a minute, also that of a suspended machine, at once;
 * - a jump back of more than a minute by running at nine tenths of the speed until the wall clock has caught up.
 */
export function createSystemClock(options: SystemClockOptions = {}): Required<Clock> {
  const { wall = Date.now, monotonic = () => performance.now(), onJump = () => {} } = options
  let elapsedMs = monotonic()
  /** Difference of the server time and monotonic time. */
  let offsetMs = wall() - elapsedMs
  /** Difference of the wall clock and monotonic time when they were last read. Only a jump changes it by much. */
  let wallOffsetMs = offsetMs

  function now(): number {
    const before = elapsedMs
    elapsedMs = monotonic()
    const nextWallOffsetMs = wall() - elapsedMs
    const jumpedMs = nextWallOffsetMs - wallOffsetMs
    wallOffsetMs = nextWallOffsetMs
    const behindMs = wallOffsetMs - offsetMs
    const slewMs = (elapsedMs - before) * (behindMs < -jumpMs ? maxSlewAfterJump : maxSlew)
    offsetMs += behindMs > jumpMs ? behindMs : Math.max(-slewMs, Math.min(slewMs, behindMs))
    if (Math.abs(jumpedMs) > jumpMs) onJump(Math.round(jumpedMs))
    return Math.floor(elapsedMs + offsetMs)
  }

  return {
    now,
    wall: () => Math.floor(wall()),
    notBefore(time) {
      const missingMs = time - now()
      if (missingMs > 0) offsetMs += missingMs
    },
    after(delayMs, run) {
      let timer: NodeJS.Timeout
      const wait = (remainingMs: number): void => {
        const excessMs = remainingMs - maxTimeoutMs
        timer =
          excessMs > 0
            ? setTimeout(() => wait(excessMs), maxTimeoutMs)
            : setTimeout(run, Math.max(0, remainingMs))
        timer.unref()
      }
      wait(delayMs)
      return () => clearTimeout(timer)
    },
  }
}
