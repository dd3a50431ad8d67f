import type { Clock } from '../shared/clock.ts'

export interface ReaderBounds {
  /** Longest silence, in milliseconds: after it, a reader that got no frame is pinged. @default 15 seconds */
  heartbeatMs: number
  /** Time to the first ping, by which a reader knows that its connection works. @default 1 second */
  firstHeartbeatMs: number
  /**
   * With more bytes in its buffer, a reader gets no frames. When it has caught up, it gets one merged frame. @default
   * 64 KiB
   */
  softBufferBytes: number
  /** With more bytes in its buffer, a reader is terminated. @default 1 MiB */
  maxBufferBytes: number
  /** A connection closes after a random 80 to 100 % of this, and its reader reconnects. @default 1 hour */
  lifetimeMs: number
}

export const defaultReaderBounds: ReaderBounds = {
  heartbeatMs: 15_000,
  firstHeartbeatMs: 1000,
  softBufferBytes: 64 * 1024,
  maxBufferBytes: 1024 * 1024,
  lifetimeMs: 3_600_000,
}

/** Settings of every transport that pushes frames. */
export interface ReaderSettings {
  clock: Clock
  /** Returns a number in [0, 1). */
  random: () => number
  bounds: ReaderBounds
}
