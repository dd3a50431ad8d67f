/** When, by the clock of the replay, what the log says happened at `logTime` happens again. */
export type Schedule = (logTime: number) => number

/**
 * Log time `t` goes to `at + (t − t0) / speed`, to the millisecond below, where `t0` is the time of the
 * log's first entry. All times in milliseconds since 1970.
 */
export function createSchedule(t0: number, at: number, speed: number): Schedule {
  return logTime => Math.floor(at + (logTime - t0) / speed)
}
