import type { Clock } from './clock.ts'

/** Longest time in which a jump of the wall clock goes unnoticed, in milliseconds. */
const maxWaitMs = 30_000

/** Returns the time of the machine's clock, in milliseconds since 1970. */
export function wallTimeOf(clock: Pick<Clock, 'now' | 'wall'>): number {
  return clock.wall?.() ?? clock.now()
}

/**
 * Calls `run` once when the wall clock has reached a time; after a jump or a suspension at most half a minute late.
 * Returns a function that cancels the call.
 */
export function atWallTime(clock: Clock, time: number, run: () => void): () => void {
  let cancel = wait()

  function wait(): () => void {
    const leftMs = time - wallTimeOf(clock)
    return clock.after(Math.max(0, Math.min(leftMs, maxWaitMs)), () => {
      if (wallTimeOf(clock) >= time) run()
      else cancel = wait()
    })
  }

  return () => cancel()
}
