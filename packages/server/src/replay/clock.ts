import { setTimeout } from 'node:timers/promises'

/** The time by which a replay is paced. */
export interface ReplayClock {
  /** Milliseconds since 1970. */
  now(): number
  /** Resolves after `ms` milliseconds; rejects at once when the signal is aborted. */
  sleep(ms: number, signal: AbortSignal): Promise<void>
}

/** The machine's. Its sleeps keep the process alive. */
export const systemClock: ReplayClock = {
  now: Date.now,
  sleep: (ms, signal) => setTimeout(ms, undefined, { signal }),
}
