import { join } from 'node:path'
import type { OnDamage } from './damage-register.ts'
import type { Log } from './log.ts'
import { createMemoryLog } from './memory.ts'
import type { Durability } from './sqlite-database.ts'
import { createSqliteLog } from './sqlite.ts'

/** Storage of events and history. */
export interface StorageOptions {
  /** Directory of the database, created when it is missing. */
  dataDir: string
  /** Failures that an acknowledged event survives. @default 'process' */
  durability?: Durability
  /**
   * Longest time between a change and its checkpoint, in milliseconds. It bounds the work of a start, not
   * durability. @default 30 seconds
   */
  checkpointMs?: number
}

export interface StorageListeners {
  onDamage: OnDamage
  /** Receives the duration of each write of records, in milliseconds. */
  onWritten: ((ms: number) => void) | undefined
}

/**
 * Opens the log in a directory, or in memory without options.
 * @throws {LogUnavailableError} when the database cannot be opened
 */
export function openStorage(
  options: StorageOptions | undefined,
  now: number,
  listeners: StorageListeners,
): Log {
  if (!options) return createMemoryLog({ now })
  const { dataDir, durability } = options
  return createSqliteLog({
    path: join(dataDir, 'tidemark.db'),
    now,
    onDamage: listeners.onDamage,
    ...(listeners.onWritten && { onWritten: listeners.onWritten }),
    ...(durability && { durability }),
  })
}
