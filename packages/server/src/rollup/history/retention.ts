import type { Tier } from './tier.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs

/** Retention of the buckets of each tier, in milliseconds. */
export type RetentionMs = Readonly<Record<Tier, number>>

export const defaultRetentionMs: RetentionMs = {
  minute: 48 * hourMs,
  hour: 90 * dayMs,
  day: Infinity,
}

/** Extra time before buckets are deleted, so that a request for the whole retention finds all of its buckets. */
const graceMs: RetentionMs = { minute: hourMs, hour: dayMs, day: dayMs }

/** Returns the time from which on a tier has buckets. */
export function retainedFrom(retentionMs: RetentionMs, tier: Tier, now: number): number {
  return now - retentionMs[tier] - graceMs[tier]
}
