import type { ReplayClock } from './clock.ts'
import { replayLimits } from './limits.ts'

export interface PaceOptions {
  clock: ReplayClock
  /** Seconds of the log in one second of the replay. */
  speed: number
  /** When the first entry happens again, in milliseconds since 1970. @default when it is read */
  at: number | undefined
  signal: AbortSignal
}

/** Maps the time of a log to the time of its replay, and waits for it. */
export interface Pace {
  /** Takes the time of the log's first entry. */
  start(t0: number): void
  /** When the first entry happens again; `undefined` before `begin`. */
  startsAt(): number | undefined
  /** When what the log says happened at `logTime` happens again. */
  toReplayTime(logTime: number): number
  /** Whether this moment is still to come. */
  isFuture(time: number): boolean
  /** Resolves when this moment has come; rejects when the signal is aborted. */
  waitUntil(time: number): Promise<void>
}

/**
 * Log time `t` goes to `at + (t − t0) / speed`, to the millisecond below. All times in milliseconds since
 * 1970.
 */
export function createPace({ clock, speed, at, signal }: PaceOptions): Pace {
  let start: { at: number; t0: number } | undefined
  return {
    start(t0) {
      start = { at: at ?? clock.now(), t0 }
    },
    startsAt: () => start?.at,
    toReplayTime: logTime =>
      start ? Math.floor(start.at + (logTime - start.t0) / speed) : logTime,
    isFuture: time => time > clock.now(),
    async waitUntil(time) {
      for (let left = time - clock.now(); left > 0; left = time - clock.now()) {
        await clock.sleep(Math.min(left, replayLimits.maxSleepMs), signal)
      }
    },
  }
}
