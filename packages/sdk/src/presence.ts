import { minHeartbeatIntervalMs } from './limits.ts'
import type { Platform } from './platform.ts'

/** Says that the visitor is still here, while the page is visible and nothing else has said so. */
export interface Presence {
  /** Something else has just said so. */
  touch(): void
  /** The page is visible. */
  resume(): void
  /** The page is not. */
  pause(): void
}

/**
 * @param intervalMs longest silence of a visible page, in milliseconds; 0 for no heartbeats
 * @param beat says it
 */
export function createPresence(platform: Platform, intervalMs: number, beat: () => void): Presence {
  const longestMs = Math.max(minHeartbeatIntervalMs, intervalMs)
  let lastAt = platform.now()
  let visible = false
  let cancel = (): void => {}

  function schedule(): void {
    cancel()
    if (!visible || !(intervalMs > 0)) return
    // Whatever the clock has done since, the next heartbeat is at most one interval away.
    const dueMs = lastAt + longestMs - platform.now()
    cancel = platform.after(Math.min(longestMs, Math.max(0, dueMs)), () => {
      beat()
      touch()
    })
  }

  function touch(): void {
    lastAt = platform.now()
    schedule()
  }

  return {
    touch,
    resume() {
      visible = true
      schedule()
    },
    pause() {
      visible = false
      schedule()
    },
  }
}
