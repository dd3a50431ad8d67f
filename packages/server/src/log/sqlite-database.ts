import { chmodSync } from 'node:fs'
import { dirname } from 'node:path'
import { createDirectory } from '../shared/create-directory.ts'
import { DatabaseSync } from './node-sqlite.ts'
import { type Damage, LogUnavailableError } from './log.ts'
import { prepareSchema } from './sqlite-schema.ts'
import { inspectWriteAheadLog } from './sqlite-wal.ts'

/**
 * Durability of an event that was acknowledged with 202. With `process` the operating system has the event, which
 * survives any end of the process, also kill -9. With `fsync` the event survives a power loss as well.
 */
export type Durability = 'process' | 'fsync'

/** Longest time that one thread waits for a transaction of the other, in milliseconds. */
export const busyTimeoutMs = 10_000

/** Opens a connection for one thread of the owning process. */
export function openConnection(path: string, durability: Durability): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: busyTimeoutMs })
  try {
    database.exec('PRAGMA journal_mode = WAL')
    // Overwrites deleted and replaced data in pages that are written anyway.
    database.exec('PRAGMA secure_delete = FAST')
    database.exec(`PRAGMA synchronous = ${durability === 'fsync' ? 'FULL' : 'NORMAL'}`)
    return database
  } catch (error) {
    // An open connection locks the file until it is garbage collected.
    database.close()
    throw error
  }
}

/** A database that this process owns until it is closed. */
export interface OwnedDatabase {
  readonly database: DatabaseSync
  /** Damage of the write-ahead log. */
  readonly damage: Readonly<Damage>
  close(): void
}

/**
 * Claims a database for this process, and creates its tables if it is new.
 * @throws {LogUnavailableError} when another process owns the file, it cannot be opened, or it has another schema
 *   version
 */
export function openOwnedDatabase(path: string, durability: Durability): OwnedDatabase {
  let owner: DatabaseSync | undefined
  let database: DatabaseSync | undefined
  function close(): void {
    database?.close()
    owner?.close()
  }
  try {
    createDirectory(dirname(path))
    owner = lockFile(`${path}.lock`)
    const damage = inspectWriteAheadLog(path)
    database = openConnection(path, durability)
    // Other users of the machine may not read visitor data. SQLite gives its other files the same mode.
    chmodSync(path, 0o600)
    prepareSchema(database)
    // Without truncation every later start would find the same damage.
    if (damage.lostWrites > 0 || damage.isTorn) database.exec('PRAGMA wal_checkpoint(TRUNCATE)')
    return { database, damage, close }
  } catch (cause) {
    close()
    const message = cause instanceof Error ? cause.message : String(cause)
    const reason = message.includes('locked') ? 'another process has it open' : message
    throw new LogUnavailableError(`The log ${path} cannot be opened: ${reason}`, { cause })
  }
}

/**
 * Locks a file until this process ends; the system then releases the lock, also after a crash. The lock needs a
 * separate database: SQLite locks a database for one connection, and each thread of the owner has its own connection.
 */
export function lockFile(path: string): DatabaseSync {
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
