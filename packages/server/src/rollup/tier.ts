import type { PartName } from './bucket/dimensions.ts'
import type { EncodedPart } from './open-minutes.ts'

/** The spans that history is kept by. Each is made of the one before it. */
export type Tier = 'minute' | 'hour' | 'day'

/** Reads one part of the buckets of a tier that are kept and start in `[from, to)`, in order. */
export type ReadKept = (
  tier: Tier,
  part: PartName,
  from: number,
  to: number,
) => readonly EncodedPart[]

/** Where hours and days begin and end, as a time zone has it. */
export interface Calendar {
  hourOf(at: number): number
  hourEnd(at: number): number
  dayOf(at: number): number
  dayEnd(at: number): number
}
