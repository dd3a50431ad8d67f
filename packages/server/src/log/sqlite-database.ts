import { chmodSync, existsSync, mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type Damage, LogUnavailableError } from './log.ts'
import { prepareSchema } from './sqlite-schema.ts'
import { inspectWriteAheadLog } from './sqlite-wal.ts'

/**
 * What a 202 promises. With `process` an accepted event outlives the process however it ends (kill -9
 * too): it is in the operating system's hands. With `fsync` it also outlives the machine losing power.
 */
export type Durability = 'process' | 'fsync'

/** How long one thread waits for the other to end what it writes, in milliseconds. */
export const busyTimeoutMs = 10_000

/** A connection to the database of an owner, for one thread. */
export function openConnection(path: string, durability: Durability): DatabaseSync {
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
  /** Of its write-ahead log. */
  readonly damage: Readonly<Damage>
  close(): void
}

/**
 * Makes this process the owner of a database, and brings its layout up to date.
 * @throws {LogUnavailableError} when another process owns the file, it cannot be opened, or it is of a newer version
 */
export function openOwnedDatabase(path: string, durability: Durability): OwnedDatabase {
  let owner: DatabaseSync | undefined
  let database: DatabaseSync | undefined
  function close(): void {
    database?.close()
    owner?.close()
  }
  try {
    makeFolder(dirname(path))
    owner = lock(`${path}.lock`)
    const damage = inspectWriteAheadLog(path)
    database = openConnection(path, durability)
    // What visitors did is nobody else's business on this machine. SQLite gives its other files the same mode.
    chmodSync(path, 0o600)
    prepareSchema(database)
    // What is left behind the end would be found again by each start.
    if (damage.lostWrites > 0 || damage.isTorn) database.exec('PRAGMA wal_checkpoint(TRUNCATE)')
    return { database, damage, close }
  } catch (cause) {
    close()
    const why = cause instanceof Error ? cause.message : String(cause)
    const hint = why.includes('locked') ? 'another process has it open' : why
    throw new LogUnavailableError(`The log ${path} cannot be opened: ${hint}`, { cause })
  }
}

/**
 * With all that are above it. Not by `recursive`, which tries for ever where the system says that the one above is
 * not there and it is, as it does of `/proc`.
 */
function makeFolder(path: string): void {
  try {
    mkdirSync(path, { mode: 0o700 })
  } catch (error) {
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return
    const above = dirname(path)
    if (!isMissing(error) || existsSync(above)) throw error
    makeFolder(above)
    makeFolder(path)
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
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
