import type { CooperativeTask } from '../../shared/cooperative-task.ts'
import { type BreakdownTable, createBreakdown } from './breakdown.ts'
import { type Dimension, type PartName, dimensions } from './dimensions.ts'
import { type BucketBounds, encodeBreakdown, encodeTotals, encodeValues } from './parts.ts'
import { type Totals, createTotals } from './totals.ts'
import { type Values, createValues } from './values.ts'

/** All that is counted of one span of time. */
export interface Bucket {
  readonly totals: Totals
  readonly by: Readonly<Record<Dimension, BreakdownTable>>
  /** Whether the name's values are aggregated. */
  addValue(name: string, value: number): boolean
  /** Leaves no more names than are kept. Returns how many counts went to the row of the others. */
  trim(): number
  /** As bytes: the parts in which there is something, or one of them if it has anything. Nothing may be counted before that is done. */
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
    addValue(name, value) {
      values ??= createValues(bounds.maxValueNames)
      return values.add(name, value)
    },
    trim: () => dimensions.reduce((lost, dimension) => lost + by[dimension].trim(), 0),
    *encode(only) {
      const parts: { part: PartName; bytes: Uint8Array }[] = []
      const wants = (part: PartName): boolean => only === undefined || only === part
      if (wants('totals')) parts.push({ part: 'totals', bytes: encodeTotals(totals) })
      for (const part of dimensions) {
        if (by[part].isEmpty || !wants(part)) continue
        parts.push({ part, bytes: yield* encodeBreakdown(by[part]) })
      }
      if (values && wants('values')) parts.push({ part: 'values', bytes: encodeValues(values) })
      return parts
    },
  }
}
