import type { PartName } from '../bucket/dimensions.ts'
import { type EncodedPart, startOfMinute } from './open-minutes.ts'

const minuteMs = 60_000

/** The spans that history is kept by. Each is made of the one before it. */
export const tiers = ['minute', 'hour', 'day'] as const
export type Tier = (typeof tiers)[number]

/** Reads one part of the buckets of a tier that are kept and start in `[from, to)`, in order. */
export type ReadStoredParts = (
  tier: Tier,
  part: PartName,
  from: number,
  to: number,
) => readonly EncodedPart[]

/** Where hours and days begin and end, as a time zone has it. */
export interface Calendar {
  startOfHour(at: number): number
  endOfHour(at: number): number
  startOfDay(at: number): number
  endOfDay(at: number): number
}

/** The start of the span that holds a time. */
export function startOfSpan(tier: Tier, at: number, calendar: Calendar): number {
  if (tier === 'minute') return startOfMinute(at)
  return tier === 'hour' ? calendar.startOfHour(at) : calendar.startOfDay(at)
}

/** Its end, which is the start of the next one. */
export function endOfSpan(tier: Tier, at: number, calendar: Calendar): number {
  if (tier === 'minute') return startOfMinute(at) + minuteMs
  return tier === 'hour' ? calendar.endOfHour(at) : calendar.endOfDay(at)
}
