import { chmodSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { LogUnavailableError } from './log.ts'
import { countLostTransactions } from './sqlite-wal.ts'

/**
 * What a 202 promises. With `process` an accepted event outlives the process however it ends (kill -9
 * too): it is in the operating system's hands. With `fsync` it also outlives the machine losing power.
 */
export type Durability = 'process' | 'fsync'

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
  `
  CREATE TABLE site (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    log_offset INTEGER NOT NULL,
    state BLOB NOT NULL
  ) STRICT;
  CREATE TABLE segment (
    site INTEGER NOT NULL,
    name TEXT NOT NULL,
    id INTEGER NOT NULL,
    data BLOB NOT NULL,
    PRIMARY KEY (site, name, id)
  ) STRICT;
  CREATE TABLE bucket (
    site INTEGER NOT NULL,
    tier TEXT NOT NULL,
    part TEXT NOT NULL,
    start INTEGER NOT NULL,
    data BLOB NOT NULL,
    PRIMARY KEY (site, tier, part, start)
  ) STRICT;
`,
]

/** The layout of the file, kept in `user_version`. A file with a greater number is of a newer Tidemark. */
const schemaVersion = migrations.length

/** How long one thread waits for the other to end what it writes, in milliseconds. */
export const busyTimeoutMs = 10_000

/** A connection to the database of an owner, for one thread. */
export function connect(path: string, durability: Durability): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: busyTimeoutMs })
  try {
    database.exec('PRAGMA journal_mode = WAL')
    // What is deleted or replaced is wiped where its page is written anyway.
    database.exec('PRAGMA secure_delete = FAST')
    database.exec(`PRAGMA synchronous = ${durability === 'fsync' ? 'FULL' : 'NORMAL'}`)
    return database
  } catch (error) {
    // Left open, it would keep the file locked until somebody collects it.
    database.close()
    throw error
  }
}

/** A database that this process owns. */
export interface OwnedDatabase {
  readonly database: DatabaseSync
  /** Transactions that were committed, and are lost: see `countLostTransactions`. */
  readonly lostWrites: number
  close(): void
}

/**
 * Makes this process the owner of a database, and brings its layout up to date.
 * @throws {LogUnavailableError} when another process owns the file, it cannot be opened, or it is of a newer version
 */
export function openOwned(path: string, durability: Durability): OwnedDatabase {
  let owner: DatabaseSync | undefined
  let database: DatabaseSync | undefined
  function close(): void {
    database?.close()
    owner?.close()
  }
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    owner = lock(`${path}.lock`)
    const lostWrites = countLostTransactions(path)
    database = connect(path, durability)
    // What visitors did is nobody else's business on this machine. SQLite gives its other files the same mode.
    chmodSync(path, 0o600)
    migrate(database)
    return { database, lostWrites, close }
  } catch (cause) {
    close()
    const why = cause instanceof Error ? cause.message : String(cause)
    const hint = why.includes('locked') ? 'another process has it open' : why
    throw new LogUnavailableError(`The log ${path} cannot be opened: ${hint}`, { cause })
  }
}

/**
 * Holds a file for this process until it ends, however it ends, as the system frees it then. A database of
 * its own, since SQLite locks one for a connection alone, and the threads of an owner have one each.
 */
function lock(path: string): DatabaseSync {
  const owner = new DatabaseSync(path)
  try {
    chmodSync(path, 0o600)
    owner.exec('BEGIN EXCLUSIVE')
    return owner
  } catch (error) {
    owner.close()
    throw error
  }
}

function migrate(database: DatabaseSync): void {
  const version = Number(database.prepare('PRAGMA user_version').get()?.['user_version'])
  if (version > schemaVersion) {
    throw new Error(
      `it was written by a newer Tidemark (layout ${version}, known is ${schemaVersion})`,
    )
  }
  if (version === schemaVersion) return
  const steps = migrations.slice(version).join('')
  database.exec(`BEGIN; ${steps} PRAGMA user_version = ${schemaVersion}; COMMIT`)
}
