import { type TrackedEvent, eventNames } from '@tidemark/protocol'

/**
 * Mirrors the server's rules for active visitors, applied to the simulated events that it has accepted.
 * The dashboard uses the count to show how many visitors are simulated.
 */
export interface ShopperPresence {
  /** Records events of a shopper that the server has accepted. */
  record(visitorId: string, events: readonly TrackedEvent[]): void
  /**
   * Call after a server restart. The server loses the heartbeats and leave events since its last checkpoint.
   * The dashboard shows `count` as a lower bound, so heartbeats are discarded and leave events are retained.
   */
  discardHeartbeats(): void
  /** Number of active simulated shoppers. */
  count(): number
  /** Number of active shoppers that `restore` has added. */
  countRestored(): number
  /** Returns the shoppers that a restarted server may count as active, also those with a leave event. */
  loggedShoppers(): LoggedShopper[]
  /** Adds the result of an earlier `loggedShoppers`. Entries that are no longer active are ignored. */
  restore(shoppers: readonly LoggedShopper[]): void
}

/** A shopper as recorded in the server's log. */
export interface LoggedShopper {
  readonly visitorId: string
  /** Page of the last event. */
  readonly url: string
  /** Time at which the server accepted the last event, in milliseconds since 1970. */
  readonly loggedAt: number
  /** Time at which the server accepted a leave event after the last event or heartbeat. */
  readonly leftAt?: number | undefined
}

/** The server counts a visitor as active for this time after the last event or heartbeat. */
export const activeWindowMs: number = 5 * 60_000
/** The server counts a visitor as active for this time after a leave event. */
export const leaveGraceMs = 10_000

interface PresenceRecord extends LoggedShopper {
  /** Time of the last event or heartbeat. */
  readonly lastSeenAt: number
}

/** @param now in milliseconds since 1970 */
export function createShopperPresence(now: () => number): ShopperPresence {
  const records = new Map<string, PresenceRecord>()
  const restored = new Set<string>()

  function isActive({ lastSeenAt, leftAt }: PresenceRecord): boolean {
    const isInWindow = lastSeenAt + activeWindowMs > now()
    return isInWindow && (leftAt === undefined || leftAt + leaveGraceMs > now())
  }

  function recordEvent(visitorId: string, { name, timestamp, url = '' }: TrackedEvent): void {
    const at = now()
    const previous = records.get(visitorId)
    if (name === eventNames.leave) {
      // A repeated leave event does not make the shopper active again.
      if (previous) records.set(visitorId, { ...previous, leftAt: previous.leftAt ?? at })
    } else if (name === eventNames.heartbeat) {
      const { loggedAt } = previous ?? { loggedAt: 0 }
      records.set(visitorId, { visitorId, url, loggedAt, lastSeenAt: at, leftAt: undefined })
    } else if ((timestamp ?? at) + activeWindowMs > at) {
      // The server adds an older event to the history only.
      records.set(visitorId, { visitorId, url, loggedAt: at, lastSeenAt: at, leftAt: undefined })
    }
  }

  return {
    record(visitorId, events) {
      for (const event of events) recordEvent(visitorId, event)
    },
    discardHeartbeats() {
      for (const [id, record] of records) {
        records.set(id, { ...record, lastSeenAt: record.loggedAt })
      }
    },
    count() {
      for (const [id, { lastSeenAt }] of records) {
        // Shoppers with a leave event are retained: a restarted server may have lost the leave event.
        if (lastSeenAt + activeWindowMs <= now()) records.delete(id)
      }
      return [...records.values()].filter(isActive).length
    },
    countRestored() {
      let count = 0
      for (const id of restored) {
        const record = records.get(id)
        if (record && isActive(record)) count++
      }
      return count
    },
    loggedShoppers() {
      return [...records.values()]
        .filter(({ loggedAt }) => loggedAt + activeWindowMs > now())
        .map(({ visitorId, url, loggedAt, leftAt }) => ({ visitorId, url, loggedAt, leftAt }))
    },
    restore(shoppers) {
      for (const shopper of shoppers) {
        if (shopper.loggedAt + activeWindowMs <= now()) continue
        records.set(shopper.visitorId, { ...shopper, lastSeenAt: shopper.loggedAt })
        restored.add(shopper.visitorId)
      }
    },
  }
}
