import { createBackoff } from '../shared/backoff.ts'
import type { PollResult } from './transports/poll.ts'
import type { LivePlatform } from './types.ts'

/** Interval on a hidden page, unless `pollIntervalMs` is longer. */
const hiddenIntervalMs = 60_000
const backoffMaxMs = 60_000
/** Time beyond the interval that a response may take before the state counts as stale. */
const maxResponseMs = 10_000

export interface PollingOptions {
  platform: Pick<LivePlatform, 'now' | 'setTimeout' | 'clearTimeout' | 'random'>
  pollIntervalMs: number
  isHidden(): boolean
  /** Sends one poll; returns `undefined` when there is nothing to request or no way to request it. */
  poll(cancel: AbortSignal): Promise<PollResult> | undefined
  onResult(result: PollResult): void
}

/** Runs at most one poll at a time and schedules the next one. */
export interface Polling {
  /** Polls immediately and cancels a poll in flight; resolves when the result has been handled. */
  pollNow(): Promise<void>
  /** Polls as soon as the interval and `Retry-After` allow. */
  pollWhenDue(): void
  /** Schedules the next poll after a success. */
  scheduleNext(): void
  /** Schedules the next poll after a failure: the interval or `retryAfterMs`, plus backoff. */
  scheduleRetry(retryAfterMs?: number): void
  /** Starts polling when a connection has closed: immediately, or after `retryAfterMs`. */
  resume(retryAfterMs: number): void
  stop(): void
  readonly isInFlight: boolean
  /** Whether the next poll waits for `Retry-After`; only `pollNow` sends it earlier. */
  readonly isDeferred: boolean
  /** Time of the scheduled poll, in milliseconds since 1970. */
  readonly nextAt: number | undefined
  /** Whether a poll is in flight or scheduled. */
  readonly isActive: boolean
  /** Returns the age at which polled state counts as stale, in milliseconds. */
  staleAfterMs(): number
  /** Returns whether the last response is younger than `staleAfterMs`. */
  isOnSchedule(): boolean
}

export function createPolling(options: PollingOptions): Polling {
  const { platform, pollIntervalMs } = options
  const backoff = createBackoff({
    baseMs: pollIntervalMs,
    maxMs: backoffMaxMs,
    random: platform.random,
  })
  let inFlight: { controller: AbortController; done: Promise<void> } | undefined
  let timer: unknown
  let nextAt: number | undefined
  let isDeferred = false
  let lastResponseAt = -Infinity

  const intervalMs = (): number =>
    options.isHidden() ? Math.max(hiddenIntervalMs, pollIntervalMs) : pollIntervalMs
  const staleAfterMs = (): number => intervalMs() + maxResponseMs

  function schedule(delayMs: number, retryAfterMs = 0): void {
    platform.clearTimeout(timer)
    isDeferred = retryAfterMs > 0
    nextAt = platform.now() + delayMs
    timer = platform.setTimeout(() => void pollNow(), delayMs)
  }

  function stop(): void {
    platform.clearTimeout(timer)
    timer = undefined
    nextAt = undefined
    isDeferred = false
    inFlight?.controller.abort()
    inFlight = undefined
  }

  function pollNow(): Promise<void> {
    stop()
    const controller = new AbortController()
    const response = options.poll(controller.signal)
    if (!response) return Promise.resolve()
    const done = response.then(result => {
      // A later poll has replaced this one; its result counts.
      if (controller.signal.aborted) return inFlight?.done
      inFlight = undefined
      lastResponseAt = platform.now()
      if ('snapshot' in result) backoff.reset()
      options.onResult(result)
      return undefined
    })
    inFlight = { controller, done }
    return done
  }

  return {
    pollNow,
    pollWhenDue() {
      if (inFlight || isDeferred) return
      // The clock may have been set back since the last poll, so the delay is at most one interval.
      const delayMs = Math.min(intervalMs(), lastResponseAt + intervalMs() - platform.now())
      if (delayMs > 0) schedule(delayMs)
      else void pollNow()
    },
    scheduleNext: () => schedule(intervalMs()),
    scheduleRetry(retryAfterMs = 0) {
      // The jitter is added to the interval: clients that failed together must not poll together.
      schedule(backoff.next(Math.max(intervalMs(), retryAfterMs)), retryAfterMs)
    },
    resume(retryAfterMs) {
      if (retryAfterMs > 0) schedule(retryAfterMs, retryAfterMs)
      else void pollNow()
    },
    stop,
    get isInFlight() {
      return inFlight !== undefined
    },
    get isDeferred() {
      return isDeferred
    },
    get nextAt() {
      return nextAt
    },
    get isActive() {
      return inFlight !== undefined || timer !== undefined
    },
    staleAfterMs,
    isOnSchedule: () => platform.now() < lastResponseAt + staleAfterMs(),
  }
}
