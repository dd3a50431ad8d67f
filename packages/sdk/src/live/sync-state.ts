import type { LiveError } from './types.ts'

/** Tracks when the server last confirmed the state, and the last error. */
export interface SyncState {
  /** Last time the state matched the server's state, in milliseconds since 1970. */
  readonly syncedAt: number | undefined
  readonly error: LiveError | undefined
  /**
   * Records data from the server and clears the error.
   * @param isCurrent whether the data shows that the state matches the server's state
   */
  confirm(isCurrent: boolean): void
  fail(error: LiveError): void
  isOlderThan(maxAgeMs: number): boolean
}

export function createSyncState({ now }: { now(): number }): SyncState {
  let lastSyncedAt: number | undefined
  let error: LiveError | undefined

  function syncedAt(): number | undefined {
    // After the clock was set back, a timestamp in the future would hide stale data.
    if (lastSyncedAt !== undefined) lastSyncedAt = Math.min(lastSyncedAt, now())
    return lastSyncedAt
  }

  return {
    get syncedAt() {
      return syncedAt()
    },
    get error() {
      return error
    },
    confirm(isCurrent) {
      if (isCurrent) lastSyncedAt = now()
      error = undefined
    },
    fail(failure) {
      error = failure
    },
    isOlderThan(maxAgeMs) {
      const at = syncedAt()
      return at !== undefined && now() >= at + maxAgeMs
    },
  }
}
