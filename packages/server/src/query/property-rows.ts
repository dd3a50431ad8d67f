import { createProperties } from '../rollup/bucket/properties.ts'
import { PropertyTable } from '../rollup/bucket/property-table.ts'
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
    yield* all.merge(createByteReader(bytes), isWanted)
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
      yield
    }
  }
  return names
}
