import { minHeartbeatIntervalMs } from './limits.ts'
import type { TrackerPlatform } from './platform.ts'
import { heartbeatName, leaveName } from './protocol-values.ts'

/** Sends a heartbeat when the page is visible and no event was sent for a while. */
export interface Presence {
  /** Restarts the interval, because an event shows that the visitor is active. */
  touch(): void
  /** Handles a page that became visible. */
  resume(): void
  /** Handles a page that became hidden. */
  pause(): void
  /** Handles a page that the visitor leaves. */
  leave(): void
}

/**
 * Creates the heartbeats of one page.
 * @param intervalMs longest time without an event on a visible page, in milliseconds; 0 disables heartbeats
 * @param send sends an event now or never; `leaving` while the page is being left
 */
export function createPresence(
  platform: TrackerPlatform,
  intervalMs: number,
  send: (name: string, leaving: boolean) => void,
): Presence {
  let isVisible = false
  let isDue = false
  let cancel = (): void => {}

  function touch(): void {
    cancel()
    isDue = false
    if (!(intervalMs > 0)) return
    cancel = platform.after(Math.max(minHeartbeatIntervalMs, intervalMs), () => {
      isDue = true
      beatIfDue()
    })
  }

  /** Sends a due heartbeat. One that is due on a hidden page waits until the page is visible. */
  function beatIfDue(): void {
    if (!isDue || !isVisible) return
    send(heartbeatName, false)
    touch()
  }

  return {
    touch,
    resume() {
      isVisible = true
      beatIfDue()
    },
    pause() {
      isVisible = false
    },
    leave: () => send(leaveName, true),
  }
}
