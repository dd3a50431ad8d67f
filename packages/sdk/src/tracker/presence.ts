import type { Host, Timer } from './host.ts'
import { minHeartbeatIntervalMs } from './limits.ts'
import { isVisible } from './page.ts'
import type { Later } from './request.ts'

/**
 * Creates the heartbeats of a page. They show that the visitor is active while there are no events.
 * @param intervalMs longest time without an event on a visible page, in milliseconds; 0 disables heartbeats
 * @param beat sends a heartbeat
 * @returns `touch` restarts the time to the next heartbeat, because an event shows that the visitor is active;
 * `resume` sends a heartbeat that was due while the page was hidden
 */
export function createPresence(
  host: Host,
  later: Later,
  intervalMs: number,
  beat: () => void,
): [touch: () => void, resume: () => void] {
  let timer: Timer | undefined

  function touch(): void {
    host.clearTimeout(timer)
    if (intervalMs > 0) timer = later(check, Math.max(minHeartbeatIntervalMs, intervalMs))
  }

  function check(): void {
    timer = undefined
    if (!isVisible(host)) return
    touch()
    beat()
  }

  return [touch, () => !timer && intervalMs > 0 && check()]
}
