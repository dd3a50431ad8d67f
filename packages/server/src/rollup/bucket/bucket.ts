import type { CooperativeTask } from '../../shared/cooperative-task.ts'
import { type BreakdownTable, createBreakdown } from './breakdown.ts'
import { type Dimension, type FirstTier, type PartName, dimensions, partsOf } from './dimensions.ts'
import {
  type BucketBounds,
  encodeBreakdown,
  encodeProperties,
  encodeTotals,
  encodeValues,
  maxRowsOf,
} from './parts.ts'
import { type Properties, createProperties } from './properties.ts'
import type { PropertyTable } from './property-table.ts'
import { type Totals, createTotals } from './totals.ts'
import { type Values, createValues } from './values.ts'

/** Counts of the events in one span of time. */
export interface Bucket {
  readonly totals: Totals
  /** Returns the table of a dimension by its position in `dimensions`. */
  tableAt(position: number): BreakdownTable
  /** Returns the table of a dimension. A table is created when it is first used. */
  tableOf(dimension: Dimension): BreakdownTable
  /** Adds a value of an event at the time `at`, in order of arrival. Returns false when the name has no room. */
  addValue(name: string, value: number, at: number): boolean
  /** Returns the counts by property. They are created when they are first used. */
  properties(): Properties
  /** Returns the table of a property of an event, if the bucket has one. */
  propertyTableOf(event: string, property: string): PropertyTable | undefined
  /** Trims each breakdown to its bound. Returns the number of counts that moved to `other` rows. */
  trim(): number
  /** Encodes the non-empty parts, or only one of them. Nothing may be counted until the task is complete. */
  encode(only?: PartName): CooperativeTask<{ part: PartName; bytes: Uint8Array }[]>
}

const positions: ReadonlyMap<PartName, number> = new Map(
  dimensions.map((dimension, position) => [dimension, position]),
)

const parts: Readonly<Record<FirstTier, readonly PartName[]>> = {
  minute: partsOf('minute'),
  hour: partsOf('hour'),
}

/** @param tier the bucket encodes the parts that start in this tier. @default 'minute' */
export function createBucket(bounds: BucketBounds, tier: FirstTier = 'minute'): Bucket {
  const totals = createTotals()
  const tables: (BreakdownTable | undefined)[] = []
  let values: Values | undefined
  let properties: Properties | undefined

  function createTable(position: number): BreakdownTable {
    const table = createBreakdown(maxRowsOf(dimensions[position], bounds))
    // An array without holes is faster.
    while (tables.length < position) tables.push(undefined)
    tables[position] = table
    return table
  }

  const tableAt = (position: number): BreakdownTable => tables[position] ?? createTable(position)

  function* encodePart(part: PartName): CooperativeTask<Uint8Array | undefined> {
    if (part === 'totals') return encodeTotals(totals)
    if (part === 'values') return values && encodeValues(values)
    if (part === 'properties') return properties && (yield* encodeProperties(properties))
    const table = tables[positions.get(part) ?? -1]
    return table && !table.isEmpty ? yield* encodeBreakdown(table) : undefined
  }

  return {
    totals,
    tableAt,
    tableOf: dimension => tableAt(dimensions.indexOf(dimension)),
    addValue(name, value, at) {
      values ??= createValues(bounds.maxValueNames)
      return values.add(name, value, at)
    },
    properties: () => (properties ??= createProperties(bounds.maxProperties)),
    propertyTableOf: (event, property) => properties?.tables.get(event)?.get(property),
    trim: () =>
      tables.reduce((moved, table) => moved + (table?.trim() ?? 0), properties?.trim() ?? 0),
    *encode(only) {
      const encoded: { part: PartName; bytes: Uint8Array }[] = []
      for (const part of parts[tier]) {
        if (only !== undefined && only !== part) continue
        const bytes = yield* encodePart(part)
        if (bytes) encoded.push({ part, bytes })
      }
      return encoded
    },
  }
}
