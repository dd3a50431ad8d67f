import type { Timer } from './host.ts'
import { minHeartbeatIntervalMs } from './limits.ts'
import { isVisible } from './page.ts'
import type { SenderOptions } from './sender.ts'

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
  { host, later, now }: Pick<SenderOptions, 'host' | 'later' | 'now'>,
  intervalMs: number,
  beat: () => boolean,
): Presence {
  let timer: Timer | undefined
  let dueAt = 0
  let isDue = false

  /** One timer serves many events: when it fires too early, it waits for the rest. */
  function touch(): void {
    isDue = false
    dueAt = now() + Math.max(minHeartbeatIntervalMs, intervalMs)
    if (intervalMs > 0) timer ??= later(dueAt - now(), check)
  }

  function check(): void {
    const restMs = dueAt - now()
    timer = restMs > 0 ? later(restMs, check) : undefined
    isDue = restMs <= 0
    resume()
  }

  function resume(): void {
    if (isDue && isVisible(host) && beat()) touch()
  }

  function stop(): void {
    host.clearTimeout(timer)
    timer = undefined
    isDue = false
  }

  return { touch, resume, stop }
}
