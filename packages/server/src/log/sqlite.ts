import { createBlockWriter, readBlock, decompress } from './block.ts'
import { type Log, LogUnavailableError, type StoredRecord, nextEpoch } from './log.ts'
import { type Durability, type OwnedDatabase, openOwnedDatabase } from './sqlite-database.ts'
import { createSqliteStore, toBytes } from './sqlite-store.ts'
import { createSqliteWriter } from './sqlite-writer.ts'
import { createWriteBehind } from './write-behind.ts'

export interface SqliteLogOptions {
  /** The database file; its directory is made when it is missing. Beside it are its `-wal`, `-shm` and `.lock`. */
  path: string
  /** Milliseconds since 1970. */
  now: number
  /** @default 'process' */
  durability?: Durability
  /** Bytes of records that may wait for the disk before `append` refuses. @default 64 MiB */
  maxPendingBytes?: number
}

/** Bytes that are gathered before the writer begins, so that a long turn of the loop and it go on side by side. */
const maxGatheredBytes = 64 * 1024

/** Who waits for a record that is gathered. */
interface Waiting {
  resolve: (offset: number) => void
  reject: (error: unknown) => void
}

/**
 * The embedded log: one SQLite file in WAL mode with one owner. It is read by this thread and written by
 * another. Appends that arrive in the same turn of the event loop, and while others are written, share
 * one transaction (group commit).
 * @throws {LogUnavailableError} when another process owns the file, it cannot be opened, or it is of a newer version.
 */
export function createSqliteLog(options: SqliteLogOptions): Log {
  const { path, durability = 'process', maxPendingBytes = 64 * 1024 * 1024 } = options
  const owned = openOwnedDatabase(path, durability)
  try {
    return openLog(owned, { path, durability, maxPendingBytes, now: options.now })
  } catch (error) {
    owned.close()
    throw error
  }
}

function openLog(owned: OwnedDatabase, options: Required<SqliteLogOptions>): Log {
  const { path, durability, maxPendingBytes } = options
  const { database, damage } = owned
  const select = database.prepare(
    'SELECT last, count, records FROM block WHERE last >= ? ORDER BY last LIMIT 1',
  )
  const getSetting = database.prepare('SELECT value FROM setting WHERE name = ?')
  const setSetting = database.prepare('INSERT OR REPLACE INTO setting (name, value) VALUES (?, ?)')

  const get = (name: string): string | undefined => text(getSetting.get(name)?.['value'])
  function set(name: string, value: string): void {
    try {
      setSetting.run(name, value)
    } catch (cause) {
      throw new LogUnavailableError('A setting could not be written', { cause })
    }
  }
  const epoch = nextEpoch(Number(get('epoch') ?? 0), options.now)
  set('epoch', String(epoch))
  const writer = createSqliteWriter({ path, durability })

  /** Whether a setting was replaced that may have been a salt, of which nothing is to be left. */
  let isToWipe = false

  async function wipe(): Promise<void> {
    if (!isToWipe) return
    isToWipe = false
    try {
      await writer.write({ what: 'wipe' }, 'The log could not be wiped')
    } catch {
      // Somebody reads, or the disk is full. It is tried again after the next checkpoint.
      isToWipe = true
    }
  }

  const settings = {
    get,
    set(name: string, value: string): void {
      set(name, value)
      isToWipe = true
      void wipe()
    },
  }

  const gathered = createBlockWriter()
  let waiting: Waiting[] = []
  /** Of what is gathered here, and of what the writer has. */
  let pendingBytes = 0
  let closed: Promise<void> | undefined
  /** The last offsets of blocks that were found broken. */
  const brokenBlocks = new Set<number>()

  async function commit(): Promise<void> {
    const group = waiting
    if (group.length === 0) return
    waiting = []
    const block = gathered.drain()
    try {
      const last = await writer.write({ what: 'append', block }, 'The log could not be written')
      for (const [index, { resolve }] of group.entries()) resolve(last - group.length + 1 + index)
    } catch (error) {
      for (const { reject } of group) reject(error)
    } finally {
      pendingBytes -= block.bytes.length
      gathered.release(block)
    }
  }

  async function close(): Promise<void> {
    await Promise.all([commit(), writer.close()])
    owned.close()
  }

  return {
    epoch,
    get damage() {
      return { ...damage, lostWrites: damage.lostWrites + brokenBlocks.size }
    },
    settings,
    store: createWriteBehind(createSqliteStore(database, writer)),
    append(record) {
      if (closed) return Promise.reject(new LogUnavailableError('The log is closed'))
      if (pendingBytes + record.body.length + record.decision.length > maxPendingBytes) {
        return Promise.reject(new LogUnavailableError('Too much is waiting for the disk'))
      }
      if (waiting.length === 0) setImmediate(() => void commit())
      pendingBytes += gathered.add(record)
      const appended = new Promise<number>((resolve, reject) => {
        waiting.push({ resolve, reject })
      })
      if (gathered.length >= maxGatheredBytes) void commit()
      return appended
    },
    async *read(from) {
      for (let next = from; ;) {
        const row = select.get(next)
        if (!row) return
        const last = Number(row['last'])
        const records = recordsOf(row)
        if (!records) brokenBlocks.add(last)
        for (const record of records ?? []) if (record.offset >= next) yield record
        next = last + 1
      }
    },
    async trim(before) {
      await writer.write({ what: 'trim', before }, 'The log could not be trimmed')
      await wipe()
    },
    close: () => (closed ??= close()),
  }
}

/** The records of a block, or `undefined` where it is broken. */
function recordsOf(row: Record<string, unknown>): StoredRecord[] | undefined {
  try {
    const count = Number(row['count'])
    const first = Number(row['last']) - count + 1
    const records = [...readBlock(decompress(toBytes(row['records'])))]
    if (records.length !== count) return undefined
    return records.map((record, index) => ({ offset: first + index, ...record }))
  } catch {
    return undefined
  }
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
