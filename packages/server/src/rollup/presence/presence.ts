import type { ByteReader, ByteWriter } from '../../shared/bytes.ts'
import type { CooperativeTask } from '../../shared/cooperative-task.ts'
import { type OverflowCounts, type RollupBounds, countOverflow } from '../bounds.ts'
import {
  type CountListener,
  type RankedName,
  type Ranking,
  createRanking,
} from '../live/ranking.ts'
import type { Hash } from '../sketch/hash.ts'
import { createLruRows } from '../table/lru-rows.ts'
import { readPresence, writePresence } from './presence-bytes.ts'
import {
  type PresenceField,
  type PresenceUpdate,
  presenceFieldNames,
  presenceFields,
} from './presence-fields.ts'

/**
 * Active visitors. A visitor is active for `activeMs` after the last event or heartbeat, and expires without any
 * further event. The counts of each ranking add up to `count`, because each ranking counts the same visitors.
 */
export interface Presence {
  /** Updates an active visitor, or adds a new one if there is room. */
  update(visitor: Hash, update: PresenceUpdate, now: number): void
  /**
   * Ends a visitor after `leaveGraceMs`, unless an update arrives before then. Does nothing when `path` is not the
   * visitor's current page, as the visitor may have another tab open.
   */
  leave(visitor: Hash, path: string | undefined, now: number): void
  /** Removes the visitors that have expired or left by `now`. */
  advance(now: number): void
  /** Number of active visitors. */
  count(): number
  /** Returns the ranked names of a field. Returns the same array until a count changes. */
  top(field: PresenceField): readonly RankedName[]
  /** Returns the number of active visitors with a name of a field. Takes constant time. */
  countOf(field: PresenceField, name: string): number
  /** Calls the listener before each change of such a number. Replaces the field's previous listener. */
  observe(field: PresenceField, listener: CountListener): void
  /** Memory in use, in bytes, without the names. */
  memoryBytes(): number
  /** Writes the visitors as they are at the time of the call; changes during the steps are not written. */
  write(writer: ByteWriter): CooperativeTask<void>
  /** Restores the bytes of `write` into an empty presence. */
  read(reader: ByteReader): void
}

/** A field of the visitors' rows, and the ranking of its names. Each visitor counts for exactly one name. */
interface Column {
  readonly field: PresenceField
  /** Position of the word in a visitor's row that stores the id of the name. */
  readonly index: number
  readonly unknownName: string
  readonly weakName: string | undefined
  readonly ranking: Ranking
}

/** @param seed see `createRowIndex` */
export function createPresence(bounds: RollupBounds, overflow: OverflowCounts, seed = 0): Presence {
  const columns = presenceFieldNames.map((field, index): Column => ({
    field,
    index,
    unknownName: presenceFields[field].unknownName,
    weakName: presenceFields[field].weakName,
    ranking: createRanking(bounds.maxListRows),
  }))
  const columnOf = new Map(columns.map(column => [column.field, column]))
  // Least recently active first, so the first row is always the next to expire.
  const visitors = createLruRows(columns.length, seed)
  /** End time of each row that ends early, in the order of these times. */
  const leaving = new Map<number, number>()

  const nameOf = (row: number, { index, ranking }: Column): string =>
    ranking.nameOf(visitors.word(row, index))

  function setName(row: number, { index, ranking }: Column, name: string): void {
    visitors.setWord(row, index, ranking.add(name))
  }

  /** Moves a visitor to another name of a ranking. An undefined name changes nothing, a weak one only the unknown. */
  function move(row: number, column: Column, name: string | undefined): void {
    if (name === undefined) return
    const current = nameOf(row, column)
    if (current === name || (name === column.weakName && current !== column.unknownName)) return
    const before = visitors.word(row, column.index)
    setName(row, column, name)
    column.ranking.remove(before)
  }

  function remove(row: number): void {
    for (const { index, ranking } of columns) ranking.remove(visitors.word(row, index))
    visitors.remove(row)
    leaving.delete(row)
  }

  function isOnPage(row: number, path: string | undefined): boolean {
    const column = columnOf.get('path')
    return column !== undefined && nameOf(row, column) === (path ?? column.unknownName)
  }

  return {
    update(visitor, update, now) {
      const row = visitors.find(visitor)
      if (row >= 0) {
        visitors.touch(row, now)
        leaving.delete(row)
        for (const column of columns) move(row, column, update[column.index])
      } else if (visitors.size >= bounds.maxActiveVisitors) {
        countOverflow(overflow, 'visitors')
      } else {
        const added = visitors.add(visitor, now)
        for (const column of columns) {
          setName(added, column, update[column.index] ?? column.unknownName)
        }
      }
    },
    leave(visitor, path, now) {
      const row = visitors.find(visitor)
      if (row < 0 || !isOnPage(row, path)) return
      // Deleting the entry first moves it to the end of the map, which keeps the end times in order.
      leaving.delete(row)
      leaving.set(row, now + bounds.leaveGraceMs)
    },
    advance(now) {
      for (let row = visitors.first(); row >= 0; row = visitors.first()) {
        if (visitors.seenAt(row) + bounds.activeMs > now) break
        remove(row)
      }
      for (const [row, endsAt] of leaving) {
        if (endsAt > now) break
        remove(row)
      }
    },
    count: () => visitors.size,
    top: field => columnOf.get(field)?.ranking.top() ?? [],
    countOf: (field, name) => columnOf.get(field)?.ranking.countOf(name) ?? 0,
    observe: (field, listener) => columnOf.get(field)?.ranking.observe(listener),
    memoryBytes: visitors.memoryBytes,
    write: writer =>
      writePresence(writer, {
        size: visitors.size,
        rows: visitors.snapshot(),
        names: columns.map(({ ranking }) => ranking.names()),
        leaving: [...leaving],
      }),
    read: reader =>
      readPresence(reader, columns.length, {
        addVisitor(visitor, names, activeAt) {
          const row = visitors.add(visitor, activeAt)
          for (const column of columns) setName(row, column, names[column.index] ?? '')
        },
        addLeaving(visitor, endsAt) {
          const row = visitors.find(visitor)
          if (row >= 0) leaving.set(row, endsAt)
        },
      }),
  }
}
