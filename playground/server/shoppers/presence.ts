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
  /** Whom the server would count as here if it started again now. */
  inLog(): LoggedShopper[]
  /** Takes up what an earlier `inLog` has given. */
  restore(shoppers: readonly LoggedShopper[]): void
}

/** A shopper as the server's log knows them. */
export interface LoggedShopper {
  readonly visitorId: string
  /** The page of the last event. */
  readonly url: string
  /** When the last event was taken, in milliseconds since 1970. */
  readonly loggedAt: number
}

/** How long the server counts a visitor as here after the last sign of life, and after a leave. */
export const activeMs: number = 5 * 60_000
export const leaveGraceMs = 10_000

interface Seen extends LoggedShopper {
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

  function takeOne(visitorId: string, { name, timestamp, url = '' }: TrackedEvent): void {
    const at = now()
    const before = shoppers.get(visitorId)
    if (name === eventNames.leave) {
      if (before) shoppers.set(visitorId, { ...before, leftAt: at })
    } else if (name === eventNames.heartbeat) {
      const { loggedAt } = before ?? { loggedAt: 0 }
      shoppers.set(visitorId, { visitorId, url, loggedAt, seenAt: at, leftAt: undefined })
    } else if ((timestamp ?? at) + activeMs > at) {
      // An event that is older than that is history to the server.
      shoppers.set(visitorId, { visitorId, url, loggedAt: at, seenAt: at, leftAt: undefined })
    }
  }

  return {
    take(visitorId, events) {
      for (const event of events) takeOne(visitorId, event)
    },
    forgetSignals() {
      for (const [id, seen] of shoppers) {
        shoppers.set(id, { ...seen, seenAt: seen.loggedAt, leftAt: undefined })
      }
    },
    count() {
      for (const [id, seen] of shoppers) {
        // One who has left is kept: after a restart the server does not know that.
        if (seen.seenAt + activeMs <= now()) shoppers.delete(id)
      }
      return [...shoppers.values()].filter(isHere).length
    },
    inLog() {
      return [...shoppers.values()]
        .filter(({ loggedAt }) => loggedAt + activeMs > now())
        .map(({ visitorId, url, loggedAt }) => ({ visitorId, url, loggedAt }))
    },
    restore(logged) {
      for (const shopper of logged) {
        if (shopper.loggedAt + activeMs <= now()) continue
        const seen: Seen = { ...shopper, seenAt: shopper.loggedAt, leftAt: undefined }
        shoppers.set(shopper.visitorId, seen)
      }
    },
  }
}
