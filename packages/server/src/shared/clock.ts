/** Time, handed in: nothing below the entry of the server asks the platform for it. */
export interface Clock {
  /** Milliseconds since 1970. Never runs backwards. */
  now(): number
  /** Calls `run` once, `delayMs` from now, unless cancelled by the function that is returned. */
  after(delayMs: number, run: () => void): () => void
}

/** What a timer of the platform can wait: a longer one runs at once. 24.8 days, and a token may be good for longer. */
const maxTimeoutMs = 2 ** 31 - 1

/**
 * The machine's clock, made safe against being set: it starts at the wall clock and then counts
 * monotonic time, so setting the machine's clock while the server runs neither expires every visitor
 * at once nor makes a rate negative. It follows the wall clock by at most `maxSlew` of the time that
 * passes, however often it is read. That is the rate of `adjtime`, and covers the drift of an
 * oscillator and the small steps of NTP.
 */
export function createSystemClock(
  wall: () => number = Date.now,
  monotonic: () => number = () => performance.now(),
  maxSlew: number = 0.0005,
): Clock {
  let counted = monotonic()
  let offset = wall() - counted
  return {
    now() {
      const before = counted
      counted = monotonic()
      const slewMs = maxSlew * (counted - before)
      offset += Math.max(-slewMs, Math.min(slewMs, wall() - counted - offset))
      return Math.floor(counted + offset)
    },
    after(delayMs, run) {
      let timer: NodeJS.Timeout
      const wait = (leftMs: number): void => {
        const laterMs = leftMs - maxTimeoutMs
        timer =
          laterMs > 0
            ? setTimeout(() => wait(laterMs), maxTimeoutMs)
            : setTimeout(run, Math.max(0, leftMs))
        timer.unref()
      }
      wait(delayMs)
      return () => clearTimeout(timer)
    },
  }
}
