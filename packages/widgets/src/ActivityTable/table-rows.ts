import type { FeedEntry } from '@tidemark/protocol'
import { compareEntries, toEntries } from '../useFeed/feed-entries.ts'

/** A row of the table. */
export interface TableRow<Row extends object = object> {
  /** Unique in the table, and stable over time. */
  readonly key: string
  /** Fields of the entry; those that an item of the host does not have are empty. */
  readonly entry: FeedEntry
  /** Item of the host, or entry of the feed. */
  readonly row: Row
}

/** Two logs may use the same id for different events, as after a restart with an empty log. */
function keyOf({ id, timestamp }: FeedEntry): string {
  return `${id}@${timestamp}`
}

/**
 * Adds entries of the live feed to the rows so far: newest first, no event twice, at most `maxRows`. Rows stay when the
 * feed no longer has them.
 */
export function accumulateRows(
  previous: readonly TableRow<FeedEntry>[],
  values: unknown,
  maxRows: number,
): readonly TableRow<FeedEntry>[] {
  const known = new Set(previous.map(row => row.key))
  const added = toEntries(values)
    .map(entry => ({ key: keyOf(entry), entry, row: entry }))
    .filter(row => !known.has(row.key))
  if (added.length === 0 && previous.length <= maxRows) return previous
  return [...added, ...previous]
    .toSorted((a, b) => compareEntries(a.entry, b.entry))
    .slice(0, maxRows)
}

/** Returns a function that converts items of the host. It reads each item once. Anything but an object is skipped. */
export function createRowReader<Row extends object>(): (
  items: readonly (Row | null | undefined)[],
) => TableRow<Row>[] {
  const rowOf = new WeakMap<object, TableRow<Row>>()
  let count = 0

  function read(item: Row): TableRow<Row> | undefined {
    const existing = rowOf.get(item)
    if (existing) return existing
    const [entry] = toEntries([item])
    if (!entry) return undefined
    const hasId = 'id' in item && (typeof item.id === 'string' || typeof item.id === 'number')
    const row = { key: hasId ? keyOf(entry) : `#${(count += 1)}`, entry, row: item }
    rowOf.set(item, row)
    return row
  }

  return items => {
    const rows = new Map<string, TableRow<Row>>()
    for (const item of items) {
      const row = item ? read(item) : undefined
      if (row && !rows.has(row.key)) rows.set(row.key, row)
    }
    return [...rows.values()]
  }
}
