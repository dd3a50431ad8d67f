import { minHeartbeatIntervalMs } from './limits.ts'
import type { TrackerPlatform } from './platform.ts'
import { heartbeatName, leaveName } from './protocol-values.ts'

/** Says that the visitor is still here, when the page is visible and nothing else has said so lately. */
export interface Presence {
  /** Something else has just said so. */
  touch(): void
  /** The page is visible. */
  resume(): void
  /** The page is not. */
  pause(): void
  /** The page is being left. */
  leave(): void
}

/**
 * @param intervalMs longest silence of a visible page, in milliseconds; 0 for no heartbeats
 * @param say sends an event now or never; `leaving` while the page is being left
 */
export function createPresence(
  platform: TrackerPlatform,
  intervalMs: number,
  say: (name: string, leaving: boolean) => void,
): Presence {
  let visible = false
  let due = false
  let cancel = (): void => {}

  function touch(): void {
    cancel()
    due = false
    if (!(intervalMs > 0)) return
    cancel = platform.after(Math.max(minHeartbeatIntervalMs, intervalMs), () => {
      due = true
      beatIfDue()
    })
  }

  /** A heartbeat that falls due while the page is hidden waits until it is not. */
  function beatIfDue(): void {
    if (!due || !visible) return
    say(heartbeatName, false)
    touch()
  }

  return {
    touch,
    resume() {
      visible = true
      beatIfDue()
    },
    pause() {
      visible = false
    },
    leave: () => say(leaveName, true),
  }
}
