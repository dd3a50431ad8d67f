import type { PollResult } from './poll.ts'
import type { Platform } from '../types.ts'

export interface PollingOptions {
  platform: Pick<Platform, 'now' | 'setTimeout' | 'clearTimeout'>
  /** Makes one poll; `undefined` when there is nothing to ask for, or no way to ask. */
  ask(cancel: AbortSignal): Promise<PollResult> | undefined
  /** Time between polls, in milliseconds. */
  rhythmMs(): number
  onResult(result: PollResult): void
}

/** One poll at a time, and when the next one is due. */
export interface Polling {
  /** Polls at once, in place of one that is under way; resolves when the answer has been taken in. */
  now(): Promise<void>
  /** Polls as soon as the rhythm and the server allow. */
  whenDue(): void
  /** @param isHeldBack the server said how long to stay away, so nothing but `now` brings the next poll forward */
  after(delayMs: number, isHeldBack?: boolean): void
  stop(): void
  readonly isUnderWay: boolean
  readonly isHeldBack: boolean
  /** Whether a poll is under way or has a time. */
  readonly isActive: boolean
  /** When the last answer came, in milliseconds since 1970. */
  readonly polledAt: number
}

export function createPolling(options: PollingOptions): Polling {
  const { platform, rhythmMs } = options
  let current: { abort: AbortController; done: Promise<void> } | undefined
  let timer: unknown
  let isHeldBack = false
  let polledAt = -Infinity

  function after(delayMs: number, heldBack = false): void {
    platform.clearTimeout(timer)
    isHeldBack = heldBack
    timer = platform.setTimeout(() => void now(), delayMs)
  }

  function stop(): void {
    platform.clearTimeout(timer)
    timer = undefined
    isHeldBack = false
    current?.abort.abort()
    current = undefined
  }

  function now(): Promise<void> {
    stop()
    const abort = new AbortController()
    const asked = options.ask(abort.signal)
    if (!asked) return Promise.resolve()
    const done = asked.then(result => {
      // Another one has taken its place, whose answer is the one to wait for.
      if (abort.signal.aborted) return current?.done
      current = undefined
      polledAt = platform.now()
      options.onResult(result)
      return undefined
    })
    current = { abort, done }
    return done
  }

  return {
    now,
    whenDue() {
      if (current || isHeldBack) return
      // The clock may have been set back, by any time, since the last poll.
      const dueInMs = Math.min(rhythmMs(), polledAt + rhythmMs() - platform.now())
      if (dueInMs > 0) after(dueInMs)
      else void now()
    },
    after,
    stop,
    get isUnderWay() {
      return current !== undefined
    },
    get isHeldBack() {
      return isHeldBack
    },
    get isActive() {
      return current !== undefined || timer !== undefined
    },
    get polledAt() {
      return polledAt
    },
  }
}
