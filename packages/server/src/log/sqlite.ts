import { createAppendQueue } from './append-queue.ts'
import { watchDataFiles } from './data-files.ts'
import { type Log, LogUnavailableError, nextEpoch } from './log.ts'
import { createSqliteBlocks } from './sqlite-blocks.ts'
import { type Durability, type OwnedDatabase, openOwnedDatabase } from './sqlite-database.ts'
import { createSqliteSettings } from './sqlite-settings.ts'
import type { OnDamage } from './damage-register.ts'
import { createSqliteStore } from './sqlite-store.ts'
import { type SqliteWriter, createSqliteWriter } from './sqlite-writer.ts'
import { createWriteBehind } from './write-behind.ts'

export interface SqliteLogOptions {
  /**
   * Path of the database file. A missing directory is created. SQLite adds files that end in `-wal`, `-shm` and
   * `.lock`.
   */
  path: string
  /** Milliseconds since 1970. */
  now: number
  /** @default 'process' */
  durability?: Durability
  /** Bytes of records that may wait for the disk before `append` refuses more. @default 64 MiB */
  maxPendingBytes?: number
  /** Receives each damage of stored buckets, when a read finds it. @default none */
  onDamage?: OnDamage
  /** Receives the duration of each write of records, in milliseconds. @default none */
  onWritten?: (ms: number) => void
}

const defaultMaxPendingBytes = 64 * 1024 * 1024

/**
 * Opens the embedded log: one SQLite file in WAL mode with one owning process. This thread reads it, and a worker
 * thread writes it. Appends that arrive in one turn of the event loop, or while others are written, share a
 * transaction (group commit).
 * @throws {LogUnavailableError} when another process owns the file, the file cannot be opened, or it has another
 *   schema version
 */
export function createSqliteLog(options: SqliteLogOptions): Log {
  const { path, durability = 'process', maxPendingBytes = defaultMaxPendingBytes } = options
  const { now, onDamage = () => {}, onWritten = () => {} } = options
  const owned = openOwnedDatabase(path, durability)
  try {
    return openLog(owned, { path, durability, maxPendingBytes, now, onDamage, onWritten })
  } catch (error) {
    owned.close()
    throw error
  }
}

function openLog(owned: OwnedDatabase, options: Required<SqliteLogOptions>): Log {
  const { path, durability, maxPendingBytes } = options
  const { database, damage } = owned
  const settings = createSqliteSettings(database)
  const epoch = nextEpoch(Number(settings.get('epoch') ?? 0), options.now)
  settings.set('epoch', String(epoch))
  const blocks = createSqliteBlocks(database)
  const writer = watchFailures(createSqliteWriter({ path, durability }))
  const eraser = createEraser(writer)
  const queue = createAppendQueue(writer, maxPendingBytes, options.onWritten)
  const files = watchDataFiles(path)
  let missing: readonly string[] = []
  let closed: Promise<void> | undefined

  async function close(): Promise<void> {
    await Promise.all([queue.flush(), writer.close()])
    owned.close()
  }

  return {
    epoch,
    get damage() {
      return { ...damage, lostWrites: damage.lostWrites + blocks.damaged }
    },
    settings: {
      get: settings.get,
      set(name, value) {
        settings.set(name, value)
        eraser.request()
      },
    },
    store: createWriteBehind(createSqliteStore(database, writer, options.onDamage)),
    append(record) {
      if (closed) return Promise.reject(new LogUnavailableError('The log is closed'))
      if (missing.length > 0) {
        const reason = `The log has no data file ${missing.join(', ')} any more`
        return Promise.reject(new LogUnavailableError(reason))
      }
      return queue.append(record)
    },
    read: blocks.read,
    async trim(before) {
      await writer.write({ kind: 'trim', before }, 'The log could not be trimmed')
      await eraser.retry()
    },
    get isFailing() {
      return writer.isFailing
    },
    async probe() {
      // `isFailing` reports a failure.
      await writer.write({ kind: 'probe' }, 'The disk could not be written').catch(() => {})
    },
    get pending() {
      return { bytes: queue.pendingBytes, maxBytes: maxPendingBytes }
    },
    checkFiles: () => (missing = files.missing()),
    close: () => (closed ??= close()),
  }
}

/** A writer that remembers whether its last write failed. */
interface WatchedWriter extends SqliteWriter {
  readonly isFailing: boolean
}

function watchFailures(writer: SqliteWriter): WatchedWriter {
  let isFailing = false
  return {
    close: writer.close,
    get isFailing() {
      return isFailing
    },
    async write(command, message) {
      try {
        const offset = await writer.write(command, message)
        isFailing = false
        return offset
      } catch (error) {
        // Another program that reads the database prevents a wipe; the disk is fine.
        if (command.kind !== 'wipe') isFailing = true
        throw error
      }
    },
  }
}

/** Erases replaced settings from the write-ahead log, because an old visitor salt must not be recoverable. */
interface Eraser {
  /** Erases in the background. */
  request(): void
  /** Erases if an earlier attempt has failed. */
  retry(): Promise<void>
}

function createEraser(writer: SqliteWriter): Eraser {
  let isNeeded = false

  async function erase(): Promise<void> {
    if (!isNeeded) return
    isNeeded = false
    try {
      await writer.write({ kind: 'wipe' }, 'Replaced settings could not be erased')
    } catch {
      // Another program reads the database, or the disk is full. The next trim retries it.
      isNeeded = true
    }
  }

  return {
    request() {
      isNeeded = true
      void erase()
    },
    retry: erase,
  }
}
