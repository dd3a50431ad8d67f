import type { PartName } from '../bucket/dimensions.ts'
import { type EncodedPart, startOfMinute } from './open-buckets.ts'

const minuteMs = 60_000

/** Spans of the stored buckets. Each tier is merged from the one before it. */
export const tiers = ['minute', 'hour', 'day'] as const
export type Tier = (typeof tiers)[number]

/** Reads one part of the stored buckets of a tier that start in `[from, to)`, in order; at most the first `limit`. */
export type ReadStoredParts = (
  tier: Tier,
  part: PartName,
  from: number,
  to: number,
  limit?: number,
) => readonly EncodedPart[]

/** Boundaries of hours and days in a time zone, in milliseconds since 1970. */
export interface Calendar {
  startOfHour(at: number): number
  endOfHour(at: number): number
  startOfDay(at: number): number
  endOfDay(at: number): number
}

/** Returns the start of the span that contains a time. */
export function startOfSpan(tier: Tier, at: number, calendar: Calendar): number {
  if (tier === 'minute') return startOfMinute(at)
  return tier === 'hour' ? calendar.startOfHour(at) : calendar.startOfDay(at)
}

/** Returns the end of the span that contains a time, which is the start of the next span. */
export function endOfSpan(tier: Tier, at: number, calendar: Calendar): number {
  if (tier === 'minute') return startOfMinute(at) + minuteMs
  return tier === 'hour' ? calendar.endOfHour(at) : calendar.endOfDay(at)
}
