import { type EventProperty, formatProperty } from '@tidemark/protocol'
import { createByteReader } from '../../shared/bytes.ts'
import type { CooperativeTask } from '../../shared/cooperative-task.ts'
import { createProperties, maxPropertyRows } from '../bucket/properties.ts'
import { PropertyTable } from '../bucket/property-table.ts'
import type { Hash } from '../sketch/hash.ts'
import type { OpenBuckets } from './open-buckets.ts'
import type { Calendar, ReadStoredParts } from './tier.ts'

/** Counts of one property in the current day. */
export interface PropertyToday {
  /** `undefined` until the events before the watch are read. */
  readonly table: PropertyTable | undefined
  /** Grows with each change of the table. */
  readonly version: number
}

/**
 * Events of the current day by the properties that somebody reads. A watched property is read once from history, and
 * then counted with each event, so that its rows equal those of history: up to 100 values in each hour and 200 in the
 * day. Beyond that, the sum of all rows is equal, and rows of rare values may differ.
 */
export interface PropertiesToday {
  /** Number of watched properties. */
  readonly size: number
  /** End of the current day, in milliseconds since 1970. All tables are empty then. */
  readonly endsAt: number
  /**
   * Watches properties that are not watched yet, from now on. The returned task adds the events before; it reads all its
   * input within this call.
   */
  watch(properties: readonly EventProperty[]): CooperativeTask<void>
  unwatch(property: EventProperty): void
  /** Returns the counts of a watched property. */
  read(property: EventProperty): PropertyToday | undefined
  /** Counts an event that history has counted. */
  count(event: PropertyEvent, visitor: Hash): void
  advance(now: number): void
}

/** The fields of an event that count by its properties. */
export interface PropertyEvent {
  readonly name: string
  readonly at: number
  readonly value: number | undefined
  /** Names and texts in turn. */
  readonly properties: readonly string[] | undefined
}

export interface PropertiesTodayOptions {
  /** Open buckets of hours. */
  open: Pick<OpenBuckets, 'bucketAt' | 'within'>
  readStored: ReadStoredParts
  calendar: Pick<Calendar, 'startOfDay' | 'endOfDay'>
  /** Time before the first `advance`, in milliseconds since 1970. */
  now: number
}

class WatchedProperty implements PropertyToday {
  readonly name: EventProperty
  table: PropertyTable | undefined
  version = 0
  /** Events since the watch began, until they are part of the table. */
  counted = new PropertyTable(maxPropertyRows)

  constructor(name: EventProperty) {
    this.name = name
  }

  add(text: string, { value, at }: PropertyEvent, visitor: Hash): void {
    const table = this.table ?? this.counted
    table.add(text, visitor, value, at)
    this.version++
  }

  setTable(table: PropertyTable): void {
    this.table = table
    this.version++
  }
}

export function createPropertiesToday(options: PropertiesTodayOptions): PropertiesToday {
  const { open, readStored, calendar } = options
  const watched = new Map<string, WatchedProperty>()
  const byEvent = new Map<string, Map<string, WatchedProperty>>()
  let { now } = options
  // Of the current day, while anything is watched. Most sites have no watched property, and need no calendar.
  let startsAt = -Infinity
  let endsAt = -Infinity

  /** Begins a new day if the last one is over. */
  function updateDay(): boolean {
    if (now < endsAt) return false
    startsAt = calendar.startOfDay(now)
    endsAt = calendar.endOfDay(now)
    return true
  }

  function add(name: EventProperty): WatchedProperty {
    const property = new WatchedProperty(name)
    watched.set(formatProperty(name), property)
    const ofEvent = byEvent.get(name.event) ?? new Map<string, WatchedProperty>()
    byEvent.set(name.event, ofEvent.set(name.property, property))
    return property
  }

  /** Returns the sum of the open tables of a property, as a copy. */
  function sumOpen({ event, property }: EventProperty): PropertyTable {
    const sum = new PropertyTable(maxPropertyRows)
    for (const { bucket } of open.within(startsAt, endsAt)) {
      const table = bucket.propertyTableOf(event, property)
      if (table) sum.mergeTable(table)
    }
    return sum
  }

  function* load(
    added: ReadonlyMap<WatchedProperty, PropertyTable>,
    stored: readonly { readonly bytes: Uint8Array }[],
  ): CooperativeTask<void> {
    const names = new Set([...added.keys()].map(({ name }) => formatProperty(name)))
    const sum = createProperties(added.size)
    for (const { bytes } of stored) {
      const isAdded = (event: string, property: string): boolean =>
        names.has(formatProperty({ event, property }))
      yield* sum.merge(createByteReader(bytes), isAdded)
      yield
    }
    for (const [property, openSum] of added) {
      // A table that exists is one of the next day.
      if (property.table) continue
      const { name } = property
      const table = sum.tables.get(name.event)?.get(name.property)
      const all = table ?? new PropertyTable(maxPropertyRows)
      all.mergeTable(openSum)
      all.mergeTable(property.counted)
      property.setTable(all)
      yield
    }
  }

  return {
    get size() {
      return watched.size
    },
    get endsAt() {
      return endsAt
    },
    watch(properties) {
      if (watched.size === 0) updateDay()
      const missing = properties.filter(each => !watched.has(formatProperty(each)))
      const added = new Map(missing.map(name => [add(name), sumOpen(name)]))
      const stored = missing.length > 0 ? readStored('hour', 'properties', startsAt, endsAt) : []
      return load(added, stored)
    },
    unwatch(name) {
      watched.delete(formatProperty(name))
      const ofEvent = byEvent.get(name.event)
      ofEvent?.delete(name.property)
      if (ofEvent?.size === 0) byEvent.delete(name.event)
    },
    read: name => watched.get(formatProperty(name)),
    count(event, visitor) {
      const { name, at, properties = [] } = event
      const ofEvent = byEvent.get(name)
      if (!ofEvent || at < startsAt || at >= endsAt) return
      for (let index = 0; index + 1 < properties.length; index += 2) {
        const property = properties[index] ?? ''
        const found = ofEvent.get(property)
        // Without a table, the bucket had no room for the property.
        if (!found || !open.bucketAt(at).propertyTableOf(name, property)) continue
        found.add(properties[index + 1] ?? '', event, visitor)
      }
    },
    advance(time) {
      now = time
      if (watched.size === 0 || !updateDay()) return
      for (const property of watched.values()) property.setTable(new PropertyTable(maxPropertyRows))
    },
  }
}
