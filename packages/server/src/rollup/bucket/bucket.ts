import type { CooperativeTask } from '../../shared/cooperative-task.ts'
import { type BreakdownTable, createBreakdown } from './breakdown.ts'
import { type Dimension, type PartName, dimensions } from './dimensions.ts'
import { type BucketBounds, encodeBreakdown, encodeTotals, encodeValues } from './parts.ts'
import { type Totals, createTotals } from './totals.ts'
import { type Values, createValues } from './values.ts'

/** Counts of the events in one span of time. */
export interface Bucket {
  readonly totals: Totals
  readonly by: Readonly<Record<Dimension, BreakdownTable>>
  /** Adds a value of an event at the time `at`, in order of arrival. Returns false when the name has no room. */
  addValue(name: string, value: number, at: number): boolean
  /** Trims each breakdown to `maxBreakdownRows`. Returns the number of counts that moved to `other` rows. */
  trim(): number
  /** Encodes the non-empty parts, or only one of them. Nothing may be counted until the task is complete. */
  encode(only?: PartName): CooperativeTask<{ part: PartName; bytes: Uint8Array }[]>
}

export function createBucket(bounds: BucketBounds): Bucket {
  const totals = createTotals()
  const create = (): BreakdownTable => createBreakdown(bounds.maxBreakdownRows)
  const by = {
    path: create(),
    referrer: create(),
    country: create(),
    device: create(),
    browser: create(),
    os: create(),
    campaign: create(),
    name: create(),
    goal: create(),
  }
  let values: Values | undefined

  return {
    totals,
    by,
    addValue(name, value, at) {
      values ??= createValues(bounds.maxValueNames)
      return values.add(name, value, at)
    },
    trim: () => dimensions.reduce((moved, dimension) => moved + by[dimension].trim(), 0),
    *encode(only) {
      const parts: { part: PartName; bytes: Uint8Array }[] = []
      const isIncluded = (part: PartName): boolean => only === undefined || only === part
      if (isIncluded('totals')) parts.push({ part: 'totals', bytes: encodeTotals(totals) })
      for (const part of dimensions) {
        if (by[part].isEmpty || !isIncluded(part)) continue
        parts.push({ part, bytes: yield* encodeBreakdown(by[part]) })
      }
      if (values && isIncluded('values'))
        parts.push({ part: 'values', bytes: encodeValues(values) })
      return parts
    },
  }
}
