/** Source of time. Code below the server's entry point receives a clock instead of reading the platform's time. */
export interface Clock {
  /** Returns the time in milliseconds since 1970, as an integer. The time never goes back. */
  now(): number
  /** Calls `run` once after `delayMs`. Returns a function that cancels the call. */
  after(delayMs: number, run: () => void): () => void
}

/**
 * Longest delay of `setTimeout`, in milliseconds (24.8 days). `setTimeout` runs a longer delay at once, and an access
 * token may be valid for longer.
 */
const maxTimeoutMs = 2 ** 31 - 1

/**
 * Creates a clock that starts at the wall-clock time and then counts monotonic time. An adjustment of the machine's
 * clock therefore neither expires all visitors at once nor makes a rate negative.
 *
 * The clock follows the wall clock gradually, by at most `maxSlew` of the elapsed time, however often it is read. The
 * default is the rate of `adjtime`, and covers oscillator drift and the small steps of NTP.
 * @param wall returns the wall-clock time, in milliseconds since 1970
 * @param monotonic returns a time that only increases, in milliseconds
 * @param maxSlew largest correction, as a fraction of the elapsed time
 */
export function createSystemClock(
  wall: () => number = Date.now,
  monotonic: () => number = () => performance.now(),
  maxSlew: number = 0.0005,
): Clock {
  let elapsedMs = monotonic()
  let offsetMs = wall() - elapsedMs
  return {
    now() {
      const before = elapsedMs
      elapsedMs = monotonic()
      const slewMs = maxSlew * (elapsedMs - before)
      offsetMs += Math.max(-slewMs, Math.min(slewMs, wall() - elapsedMs - offsetMs))
      return Math.floor(elapsedMs + offsetMs)
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
