import { createProperties } from '../rollup/bucket/properties.ts'
import {
  type PropertyRow,
  PropertyTable,
  mergeRow,
  rankProperties,
} from '../rollup/bucket/property-table.ts'
import type { AggregateSummary } from '../rollup/bucket/value-aggregate.ts'
import type { EncodedPart } from '../rollup/history/open-buckets.ts'
import { createByteReader } from '../shared/bytes.ts'
import type { CooperativeTask } from '../shared/cooperative-task.ts'

/** The properties that a query asks for. */
export interface PropertyQuery {
  /** Name of the event. @default all names, as rows */
  name: string | undefined
  /** Name of the property. @default all properties of the event, as rows */
  property: string | undefined
}

/**
 * Events by a value of a property, or by the names of properties or events that have one. The summary is that of the
 * `value` of events, for those that have one.
 */
export type PropertyMetricsRow = {
  property: string
  events: number
  visitors: number
  rest?: true
} & Partial<AggregateSummary>

/** Reads the rows of a query: values of a property, properties of an event, or events with properties. */
export function* readProperties(
  parts: Iterable<EncodedPart>,
  { name, property }: PropertyQuery,
  maxProperties: number,
): CooperativeTask<PropertyTable> {
  const isWanted = (event: string, of: string): boolean =>
    (name === undefined || event === name) && (property === undefined || of === property)
  // The tables of a range may have more properties than one bucket.
  const all = createProperties(maxProperties * 10)
  for (const { bytes } of parts) {
    all.merge(createByteReader(bytes), isWanted)
    yield
  }
  if (name !== undefined && property !== undefined) {
    return all.tables.get(name)?.get(property) ?? new PropertyTable(1)
  }
  const names = new PropertyTable(maxProperties * 10)
  for (const [event, ofEvent] of all.tables) {
    for (const [of, table] of ofEvent) {
      const row = table.sum()
      const key = name === undefined ? event : of
      const known = names.rows.get(key)
      // An event with several properties counts once, so the most frequent property tells its number.
      if (name !== undefined || !known || known.count < row.count) names.rows.set(key, row)
    }
  }
  return names
}

/** Returns at most `limit` rows, and one for the rest. Rows with fewer visitors than `minCount` are part of the rest. */
export function toPropertyRows(
  { rows, other }: Pick<PropertyTable, 'rows' | 'other'>,
  limit: number,
  minCount: number,
): PropertyMetricsRow[] {
  const isLarge = (row: PropertyRow): boolean => minCount <= 1 || row.visitors.count() >= minCount
  const ranked = rankProperties(rows)
  const listed = ranked.filter(([, row]) => isLarge(row)).slice(0, limit)
  const rest = new PropertyTable(1).other
  mergeRow(rest, other)
  for (const each of ranked) if (!listed.includes(each)) mergeRow(rest, each[1])
  const all = listed.map(([property, row]) => toPropertyRow(property, row))
  return rest.count > 0 && isLarge(rest)
    ? [...all, { ...toPropertyRow('(other)', rest), rest: true }]
    : all
}

export function toPropertyRow(
  property: string,
  { count, visitors, values }: PropertyRow,
): PropertyMetricsRow {
  return { property, events: count, visitors: visitors.count(), ...values?.summary() }
}
