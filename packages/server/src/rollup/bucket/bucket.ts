import type { Hash } from '../sketch/hash.ts'
import type { Steps } from '../steps.ts'
import { type Breakdown, createBreakdown } from './breakdown.ts'
import type { Dimension, PartName } from './dimensions.ts'
import { type BucketBounds, encodeBreakdown, encodeTotals, encodeValues } from './parts.ts'
import { type Totals, createTotals } from './totals.ts'
import { type Values, createValues } from './values.ts'

/** All that is counted of one span of time. */
export interface Bucket {
  readonly totals: Totals
  /** Whether the name has a row of its own. */
  count(dimension: Dimension, name: string, visitor: Hash): boolean
  /** Whether the name's values are aggregated. */
  addValue(name: string, value: number): boolean
  /** As bytes: the parts in which there is something, or one of them if it has anything. Nothing may be counted before that is done. */
  encode(only?: PartName): Steps<{ part: PartName; bytes: Uint8Array }[]>
}

export function createBucket(bounds: BucketBounds): Bucket {
  const totals = createTotals()
  const breakdowns = new Map<Dimension, Breakdown>()
  let values: Values | undefined

  function breakdownOf(dimension: Dimension): Breakdown {
    const known = breakdowns.get(dimension)
    if (known) return known
    const breakdown = createBreakdown(bounds.maxBreakdownRows)
    breakdowns.set(dimension, breakdown)
    return breakdown
  }

  return {
    totals,
    count: (dimension, name, visitor) => breakdownOf(dimension).add(name, visitor),
    addValue(name, value) {
      values ??= createValues(bounds.maxValueNames)
      return values.add(name, value)
    },
    *encode(only) {
      const parts: { part: PartName; bytes: Uint8Array }[] = []
      const wants = (part: PartName): boolean => only === undefined || only === part
      if (wants('totals')) parts.push({ part: 'totals', bytes: encodeTotals(totals) })
      for (const [part, breakdown] of breakdowns) {
        if (wants(part)) parts.push({ part, bytes: yield* encodeBreakdown(breakdown) })
      }
      if (values && wants('values')) parts.push({ part: 'values', bytes: encodeValues(values) })
      return parts
    },
  }
}
