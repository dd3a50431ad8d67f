import type { Clock } from '../shared/clock.ts'
import type { ReaderBounds } from './reader-bounds.ts'

/** Heartbeats after which a ping requests an answer, also when frames were sent. A frame otherwise replaces a ping. */
const heartbeatsPerPing = 4

/**
 * Pings leave at multiples of this interval, in milliseconds, and their answers arrive together. Separate wake-ups for
 * two thousand idle readers take more than twice the processor time.
 */
const alignMs = 250

export interface HeartbeatOptions {
  clock: Clock
  bounds: Pick<ReaderBounds, 'heartbeatMs' | 'firstHeartbeatMs'>
  /** Returns the time of the last frame that was sent. */
  lastFrameAt: () => number
  /** Returns whether the reader has not answered a ping. */
  isUnanswered: () => boolean
  /** Called at least once in each heartbeat. */
  onBeat: () => void
  ping: () => void
}

/** Schedules the pings of one reader. */
export interface Heartbeat {
  /** Forces a ping at the next beat, also while frames are sent. */
  requirePing(): void
  stop(): void
}

export function startHeartbeat(options: HeartbeatOptions): Heartbeat {
  const { clock, bounds, lastFrameAt, isUnanswered, onBeat, ping } = options
  const { heartbeatMs, firstHeartbeatMs } = bounds
  let pingedAt = -Infinity
  let cancel = clock.after(untilAligned(clock.now(), firstHeartbeatMs), beat)

  function beat(): void {
    onBeat()
    const now = clock.now()
    const nextPingAt = pingedAt + (isUnanswered() ? 1 : heartbeatsPerPing) * heartbeatMs
    const silentMs = Math.min(lastFrameAt() + heartbeatMs, nextPingAt) - now
    const isDue = silentMs < alignMs
    cancel = clock.after(untilAligned(now, isDue ? heartbeatMs : silentMs), beat)
    if (!isDue) return
    pingedAt = now
    ping()
  }

  return {
    requirePing() {
      pingedAt = -Infinity
    },
    stop: () => cancel(),
  }
}

/** Returns the time to the last aligned moment that is at most `ms` away. */
function untilAligned(now: number, ms: number): number {
  const everyMs = Math.min(alignMs, ms)
  return Math.max(1, Math.floor((now + ms) / everyMs) * everyMs - now)
}
