import type { DatabaseSync } from 'node:sqlite'
import { decompress, readBlock } from './block.ts'
import { unseal } from './checksum.ts'
import type { StoredRecord } from './log.ts'
import { blockKey } from './stored-keys.ts'

/** Reads the log of a database. */
export interface SqliteBlocks {
  /** Returns all records from an offset on, in order. Damaged blocks are left out. */
  read(from: number): AsyncIterable<StoredRecord>
  /** Number of different damaged blocks that were found so far. */
  readonly damaged: number
}

export function createSqliteBlocks(database: DatabaseSync): SqliteBlocks {
  const select = database.prepare(
    'SELECT last, count, records FROM block WHERE last >= ? ORDER BY last LIMIT 1',
  )
  /** The last offsets of blocks that are damaged. */
  const damaged = new Set<number>()
  return {
    async *read(from) {
      for (let next = from; ;) {
        const row = select.get(next)
        if (!row) return
        const last = Number(row['last'])
        const records = recordsOf(row)
        if (!records) damaged.add(last)
        for (const record of records ?? []) if (record.offset >= next) yield record
        next = last + 1
      }
    },
    get damaged() {
      return damaged.size
    },
  }
}

/** Returns the records of a block, or `undefined` when the block is damaged. */
function recordsOf(row: Record<string, unknown>): StoredRecord[] | undefined {
  try {
    const count = Number(row['count'])
    const last = Number(row['last'])
    const first = last - count + 1
    const bytes = unseal(blockKey(last, count), row['records'])
    if (!bytes) return undefined
    const records = [...readBlock(decompress(bytes))]
    if (records.length !== count) return undefined
    return records.map((record, index) => ({ offset: first + index, ...record }))
  } catch {
    return undefined
  }
}
