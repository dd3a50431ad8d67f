import {
  type ByteReader,
  type ByteWriter,
  createByteReader,
  createByteWriter,
} from '../../shared/bytes.ts'
import type { CooperativeTask } from '../../shared/cooperative-task.ts'
import type { Hash } from '../sketch/hash.ts'
import { PropertyTable } from './property-table.ts'

/** Most values with a row, in the table of one property. */
export const maxPropertyRows = 100

/**
 * Events by their properties: a table for each property of each event name. Properties beyond `maxProperties` are not
 * counted.
 */
export interface Properties {
  /** Tables by property, by event name. */
  readonly tables: ReadonlyMap<string, ReadonlyMap<string, PropertyTable>>
  /**
   * Counts an event by one property. Returns the counts that moved to `other` rows, and −1 without room for a table.
   * @param value value of the event, if it has one
   */
  add(
    event: string,
    property: string,
    text: string,
    visitor: Hash,
    value: number | undefined,
    at: number,
  ): number
  trim(): number
  /** Writes all tables, one per step. Nothing may be counted until the task is complete. */
  write(writer: ByteWriter): CooperativeTask<void>
}

export function createProperties(maxProperties: number): Properties & {
  /** Adds the counts in the bytes of `write`, or only those of some properties. Each step adds one table. */
  merge(
    reader: ByteReader,
    isWanted?: (event: string, property: string) => boolean,
  ): CooperativeTask<void>
} {
  const tables = new Map<string, Map<string, PropertyTable>>()
  let count = 0

  // The properties of an event come in turn.
  let lastEvent: string | undefined
  let lastOfEvent: Map<string, PropertyTable> | undefined

  function tableOf(event: string, property: string): PropertyTable | undefined {
    const ofEvent = event === lastEvent ? lastOfEvent : tables.get(event)
    const existing = ofEvent?.get(property)
    lastEvent = event
    lastOfEvent = ofEvent
    if (existing || count >= maxProperties) return existing
    lastEvent = undefined
    count++
    const table = new PropertyTable(maxPropertyRows)
    if (ofEvent) ofEvent.set(property, table)
    else tables.set(event, new Map([[property, table]]))
    return table
  }

  return {
    tables,
    add(event, property, text, visitor, value, at) {
      return tableOf(event, property)?.add(text, visitor, value, at) ?? -1
    },
    trim() {
      let moved = 0
      for (const ofEvent of tables.values()) {
        for (const table of ofEvent.values()) moved += table.trim()
      }
      return moved
    },
    *write(writer) {
      writer.uint(count)
      for (const event of [...tables.keys()].toSorted()) {
        const ofEvent = tables.get(event)
        for (const property of [...(ofEvent?.keys() ?? [])].toSorted()) {
          const bytes = createByteWriter()
          ofEvent?.get(property)?.write(bytes)
          writer.text(event)
          writer.text(property)
          // With a length, so that a reader of another property skips the table.
          writer.bytes(bytes.finish())
          yield
        }
      }
    },
    *merge(reader, isWanted = () => true) {
      for (let remaining = reader.uint(); remaining > 0; remaining--) {
        const event = reader.text()
        const property = reader.text()
        const bytes = reader.bytes()
        if (!isWanted(event, property)) continue
        tableOf(event, property)?.merge(createByteReader(bytes))
        yield
      }
    },
  }
}
