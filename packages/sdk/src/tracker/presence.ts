import type { Timer } from './host.ts'
import { minHeartbeatIntervalMs } from './limits.ts'
import { isVisible } from './page.ts'
import type { Poster } from './request.ts'

/** The heartbeats of a page. They show that the visitor is active while there are no events. */
export interface Presence {
  /** Restarts the time to the next heartbeat, because an event shows that the visitor is active. */
  touch(): void
  /** Sends a heartbeat that was due while the page was hidden. */
  resume(): void
  stop(): void
}

/**
 * @param intervalMs longest time without an event on a visible page, in milliseconds; 0 disables heartbeats
 * @param beat sends a heartbeat. Returns whether the page has heartbeats
 */
export function createPresence(
  { host, later }: Pick<Poster, 'host' | 'later'>,
  intervalMs: number,
  beat: () => boolean,
): Presence {
  let timer: Timer | undefined
  let isDue = false

  function stop(): void {
    host.clearTimeout(timer)
    isDue = false
  }

  function touch(): void {
    stop()
    if (intervalMs > 0)
      timer = later(Math.max(minHeartbeatIntervalMs, intervalMs), () => {
        isDue = true
        resume()
      })
  }

  function resume(): void {
    if (isDue && isVisible(host) && beat()) touch()
  }

  return { touch, resume, stop }
}
