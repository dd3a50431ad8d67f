import { chmodSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import {
  type Log,
  type LogRecord,
  LogUnavailableError,
  type StoredRecord,
  nextEpoch,
} from './log.ts'
import { createSqliteStore, storeSchema } from './sqlite-store.ts'

/**
 * What a 202 promises. With `process` an accepted event outlives the process however it ends (kill -9
 * too): it is in the operating system's hands. With `fsync` it also outlives the machine losing power.
 */
export type Durability = 'process' | 'fsync'

export interface SqliteLogOptions {
  /** The database file; its directory is made when it is missing. */
  path: string
  /** Milliseconds since 1970. */
  now: number
  /** @default 'process' */
  durability?: Durability
  /** Bytes of records that may wait for the disk before `append` refuses. @default 64 MiB */
  maxPendingBytes?: number
}

/** What each version adds to the one before it: an older file is brought up to date when it is opened. */
const migrations = [
  `
  CREATE TABLE log (
    offset INTEGER PRIMARY KEY AUTOINCREMENT,
    site TEXT NOT NULL,
    received_at INTEGER NOT NULL,
    body TEXT NOT NULL,
    decision TEXT NOT NULL
  ) STRICT;
  CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
`,
  storeSchema,
]

/** The layout of the file, kept in `user_version`. A file with a greater number is of a newer Tidemark. */
const schemaVersion = migrations.length

const readPage = 500

interface Pending {
  record: LogRecord
  resolve: (offset: number) => void
  reject: (error: LogUnavailableError) => void
}

/**
 * The embedded log: one SQLite file in WAL mode with one owner. Appends that arrive in the same turn
 * of the event loop share one transaction (group commit).
 * @throws {LogUnavailableError} when another process owns the file, it cannot be opened, or it is of a newer version.
 */
export function createSqliteLog(options: SqliteLogOptions): Log {
  const maxPendingBytes = options.maxPendingBytes ?? 64 * 1024 * 1024
  const database = open(options)
  const insert = database.prepare(
    'INSERT INTO log (site, received_at, body, decision) VALUES (?, ?, ?, ?)',
  )
  const select = database.prepare(
    'SELECT offset, site, received_at AS receivedAt, body, decision FROM log WHERE offset >= ? ORDER BY offset LIMIT ?',
  )
  const getSetting = database.prepare('SELECT value FROM setting WHERE name = ?')
  const setSetting = database.prepare('INSERT OR REPLACE INTO setting (name, value) VALUES (?, ?)')

  const settings = {
    get: (name: string): string | undefined => text(getSetting.get(name)?.['value']),
    set: (name: string, value: string): void =>
      orUnavailable('A setting could not be written', () => {
        setSetting.run(name, value)
        // What it was before may be a salt, of which nothing is to be left.
        database.exec('PRAGMA wal_checkpoint(TRUNCATE)')
      }),
  }
  const epoch = nextEpoch(Number(settings.get('epoch') ?? 0), options.now)
  try {
    settings.set('epoch', String(epoch))
  } catch (error) {
    database.close()
    throw error
  }

  let pending: Pending[] = []
  let pendingBytes = 0

  function commit(): void {
    const group = pending
    pending = []
    pendingBytes = 0
    if (group.length === 0) return
    const offsets: number[] = []
    try {
      database.exec('BEGIN IMMEDIATE')
      for (const { record } of group) {
        const { site, receivedAt, body, decision } = record
        offsets.push(Number(insert.run(site, receivedAt, body, decision).lastInsertRowid))
      }
      database.exec('COMMIT')
    } catch (cause) {
      const error = new LogUnavailableError('The log could not be written', { cause })
      if (database.isOpen && database.isTransaction) database.exec('ROLLBACK')
      for (const { reject } of group) reject(error)
      return
    }
    for (const [index, { resolve }] of group.entries()) resolve(offsets[index] ?? 0)
  }

  return {
    epoch,
    settings,
    store: createSqliteStore(database),
    append(record) {
      const bytes = record.body.length + record.decision.length
      if (pendingBytes + bytes > maxPendingBytes) {
        return Promise.reject(new LogUnavailableError('Too much is waiting for the disk'))
      }
      if (pending.length === 0) setImmediate(commit)
      pendingBytes += bytes
      return new Promise((resolve, reject) => pending.push({ record, resolve, reject }))
    },
    async *read(from) {
      for (let next = from; ;) {
        const page = select.all(next, readPage).map(toRecord)
        yield* page
        const last = page.at(-1)
        if (!last || page.length < readPage) return
        next = last.offset + 1
      }
    },
    async trim(before) {
      orUnavailable('The log could not be trimmed', () => {
        database.prepare('DELETE FROM log WHERE offset < ?').run(before)
      })
    },
    async close() {
      if (!database.isOpen) return
      commit()
      database.close()
    },
  }
}

function open({ path, durability = 'process' }: SqliteLogOptions): DatabaseSync {
  let database: DatabaseSync | undefined
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    database = new DatabaseSync(path)
    // What visitors did is nobody else's business on this machine. SQLite gives its other files the same mode.
    chmodSync(path, 0o600)
    // One owner: the lock is held until the process ends, however it ends, and the system frees it then.
    database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL')
    // What is deleted or replaced is wiped where its page is written anyway.
    database.exec('PRAGMA secure_delete = FAST')
    database.exec(`PRAGMA synchronous = ${durability === 'fsync' ? 'FULL' : 'NORMAL'}`)
    const version = Number(database.prepare('PRAGMA user_version').get()?.['user_version'])
    if (version > schemaVersion) {
      throw new Error(
        `it was written by a newer Tidemark (layout ${version}, known is ${schemaVersion})`,
      )
    }
    if (version < schemaVersion) {
      const steps = migrations.slice(version).join('')
      database.exec(`BEGIN; ${steps} PRAGMA user_version = ${schemaVersion}; COMMIT`)
    }
    return database
  } catch (cause) {
    // Left open, it would keep the file locked until somebody collects it.
    database?.close()
    const why = cause instanceof Error ? cause.message : String(cause)
    const hint = why.includes('locked') ? 'another process has it open' : why
    throw new LogUnavailableError(`The log ${path} cannot be opened: ${hint}`, { cause })
  }
}

function orUnavailable(message: string, write: () => void): void {
  try {
    write()
  } catch (cause) {
    throw new LogUnavailableError(message, { cause })
  }
}

function toRecord(row: Record<string, unknown>): StoredRecord {
  return {
    offset: Number(row['offset']),
    site: String(row['site']),
    receivedAt: Number(row['receivedAt']),
    body: String(row['body']),
    decision: String(row['decision']),
  }
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
