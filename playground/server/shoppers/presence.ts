import { type TrackedEvent, eventNames } from '@tidemark/protocol'

/**
 * Which shoppers the server counts as here. The same rules as its own, applied to what it has taken, so
 * that the dashboard can say how many of its visitors are made up.
 */
export interface TakenPresence {
  /** The server has taken these events of a shopper. */
  take(visitorId: string, events: readonly TrackedEvent[]): void
  /** The server has started again: what is not in its log, it does not know any more. */
  forgetSignals(): void
  count(): number
}

/** How long the server counts a visitor as here after the last sign of life, and after a leave. */
export const activeMs: number = 5 * 60_000
export const leaveGraceMs = 10_000

interface Seen {
  /** The last event, which is in the log. */
  readonly loggedAt: number
  /** The last sign of life of any kind. */
  readonly seenAt: number
  readonly leftAt: number | undefined
}

/** @param now in milliseconds since 1970 */
export function createTakenPresence(now: () => number): TakenPresence {
  const shoppers = new Map<string, Seen>()

  function isHere({ seenAt, leftAt }: Seen): boolean {
    const isActive = seenAt + activeMs > now()
    return isActive && (leftAt === undefined || leftAt + leaveGraceMs > now())
  }

  return {
    take(visitorId, events) {
      const at = now()
      for (const { name, timestamp = at } of events) {
        const before = shoppers.get(visitorId)
        if (name === eventNames.leave) {
          if (before) shoppers.set(visitorId, { ...before, leftAt: at })
        } else if (name === eventNames.heartbeat) {
          const loggedAt = before?.loggedAt ?? 0
          shoppers.set(visitorId, { loggedAt, seenAt: at, leftAt: undefined })
        } else if (timestamp + activeMs > at) {
          // An event that is older than that is history to the server.
          shoppers.set(visitorId, { loggedAt: at, seenAt: at, leftAt: undefined })
        }
      }
    },
    forgetSignals() {
      for (const [id, { loggedAt }] of shoppers) {
        shoppers.set(id, { loggedAt, seenAt: loggedAt, leftAt: undefined })
      }
    },
    count() {
      for (const [id, seen] of shoppers) {
        // One who has left is kept: after a restart the server does not know that.
        if (seen.seenAt + activeMs <= now()) shoppers.delete(id)
      }
      return [...shoppers.values()].filter(isHere).length
    },
  }
}
