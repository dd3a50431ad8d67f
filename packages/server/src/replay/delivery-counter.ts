import { replayLimits } from './limits.ts'

/** Requests of a replay, and its page views by their outcome. */
export interface DeliveryCounts {
  /** Page views in at least one request. */
  sent: number
  /** Page views that the server accepted. */
  accepted: number
  /** Page views that the server rejected, by its code. */
  rejected: Record<string, number>
  /** Page views that were given up, by the last reason. */
  failed: Record<string, number>
  requests: number
  retries: number
}

export interface DeliveryCounter {
  sent(events: number): void
  requested(): void
  retried(): void
  accepted(events: number, rejectedCodes: readonly string[]): void
  failed(events: number, reason: string): void
  counts(): DeliveryCounts
}

export function createDeliveryCounter(): DeliveryCounter {
  const rejected = new Map<string, number>()
  const failed = new Map<string, number>()
  const counts = { sent: 0, accepted: 0, requests: 0, retries: 0 }
  return {
    sent: events => void (counts.sent += events),
    requested: () => void counts.requests++,
    retried: () => void counts.retries++,
    accepted(events, rejectedCodes) {
      counts.accepted += events
      for (const code of rejectedCodes) addTo(rejected, code, 1)
    },
    failed: (events, reason) => addTo(failed, reason, events),
    counts: () => ({
      ...counts,
      rejected: Object.fromEntries(rejected),
      failed: Object.fromEntries(failed),
    }),
  }
}

/** Counts reasons beyond the limit as `other`, because their texts come from the server and the network. */
function addTo(counts: Map<string, number>, reason: string, count: number): void {
  const hasRoom = counts.has(reason) || counts.size < replayLimits.maxReasons
  const key = hasRoom ? reason : 'other'
  counts.set(key, (counts.get(key) ?? 0) + count)
}
