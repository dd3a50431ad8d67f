import { setTimeout } from 'node:timers/promises'

/** Clock that paces a replay. */
export interface ReplayClock {
  /** Milliseconds since 1970. */
  now(): number
  /** Resolves after `ms` milliseconds; rejects as soon as the signal is aborted. */
  sleep(ms: number, signal: AbortSignal): Promise<void>
}

/** The system clock. Its sleeps keep the process alive. */
export const systemClock: ReplayClock = {
  now: Date.now,
  sleep: (ms, signal) => setTimeout(ms, undefined, { signal }),
}
