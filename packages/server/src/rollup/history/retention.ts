import type { Tier } from './tier.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs

/** How long buckets are kept, in milliseconds, by how long each is. */
export type RetentionMs = Readonly<Record<Tier, number>>

export const defaultRetentionMs: RetentionMs = {
  minute: 48 * hourMs,
  hour: 90 * dayMs,
  day: Infinity,
}

/** What is forgotten is older than it has to be by this, so that who asks for all that is kept has it when they ask. */
const graceMs: RetentionMs = { minute: hourMs, hour: dayMs, day: dayMs }

/** From when on there are buckets of a tier. */
export function retainedFrom(retentionMs: RetentionMs, tier: Tier, now: number): number {
  return now - retentionMs[tier] - graceMs[tier]
}
