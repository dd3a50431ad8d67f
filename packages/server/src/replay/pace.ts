import type { ReplayClock } from './clock.ts'
import { replayLimits } from './limits.ts'

export interface PaceOptions {
  clock: ReplayClock
  /** Seconds of the log per second of the replay. */
  speed: number
  /** Replay time of the first entry, in milliseconds since 1970. @default the time at which it is read */
  at: number | undefined
  signal: AbortSignal
}

/** Converts times of the log to times of the replay, and waits for them. All times are milliseconds since 1970. */
export interface Pace {
  /** Sets the time of the log's first entry. */
  start(firstLogTime: number): void
  /** Replay time of the first entry; `undefined` before `start`. */
  startsAt(): number | undefined
  toReplayTime(logTime: number): number
  isFuture(replayTime: number): boolean
  /** Resolves at a time; rejects when the signal is aborted. */
  waitUntil(replayTime: number): Promise<void>
}

/** Creates a pace that maps log time `t` to `at + (t − t0) / speed`, rounded down to a millisecond. */
export function createPace({ clock, speed, at, signal }: PaceOptions): Pace {
  let origin: { at: number; t0: number } | undefined
  return {
    start(firstLogTime) {
      origin = { at: at ?? clock.now(), t0: firstLogTime }
    },
    startsAt: () => origin?.at,
    toReplayTime: logTime =>
      origin ? Math.floor(origin.at + (logTime - origin.t0) / speed) : logTime,
    isFuture: replayTime => replayTime > clock.now(),
    async waitUntil(replayTime) {
      let remainingMs = replayTime - clock.now()
      while (remainingMs > 0) {
        await clock.sleep(Math.min(remainingMs, replayLimits.maxSleepMs), signal)
        remainingMs = replayTime - clock.now()
      }
    },
  }
}
