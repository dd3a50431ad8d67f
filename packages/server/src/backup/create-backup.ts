import { closeSync, existsSync, openSync, rmSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { LogUnavailableError } from '../log/log.ts'
import { DatabaseSync } from '../log/node-sqlite.ts'
import { createReadOnlyLog } from '../log/read-only-log.ts'
import { busyTimeoutMs } from '../log/sqlite-database.ts'
import { hasSchema } from '../log/sqlite-schema.ts'
import { messageOf } from '../shared/error-message.ts'
import { BackupError, isDamage, isDiskFull, systemCodeOf } from './backup-error.ts'
import { databaseName, readTrackerFiles, syncToDisk } from './directory-files.ts'
import { readFigures } from './figures.ts'
import {
  type BackupFacts,
  backupFormat,
  readManifest,
  writeBackupTables,
  writeManifest,
} from './manifest.ts'
import { publish, removeStalePartials } from './partial-file.ts'

export interface BackupOptions {
  /** Data directory of a server, which may be running. */
  dataDir: string
  /** Path of the backup. Its directory exists. */
  file: string
  /** Whether to replace an existing file. @default false */
  force?: boolean
  /** Version of Tidemark. */
  version: string
  /** Milliseconds since 1970. */
  now: number
  signal: AbortSignal
}

export interface BackupResult extends BackupFacts {
  readonly bytes: number
}

/**
 * Copies a data directory into one file, also while a server writes. The copy is the state of one moment: checkpoints
 * and log are read in one transaction, which does not stop the server. The file gets its name when its content has
 * been verified, and is on the disk.
 * @throws {BackupError} when there is no complete backup; no file is left then
 */
export async function createBackup(options: BackupOptions): Promise<BackupResult> {
  const { dataDir, file, force = false } = options
  const source = join(dataDir, databaseName)
  if (!existsSync(source)) {
    throw new BackupError(
      'no_database',
      `${dataDir} has no ${databaseName}, so it is not the data directory of a server. Name it with --data. ` +
        'A server without a data directory stores nothing that a backup can copy.',
    )
  }
  if (!force && existsSync(file)) throw fileExists(file)
  removeStalePartials(file, options.now)
  const partial = `${file}.partial-${process.pid}`
  try {
    createPrivateFile(partial)
    copyDatabase(source, partial)
    await pause(options.signal)
    const facts = await describe(partial, options)
    await pause(options.signal)
    checkWritten(partial)
    syncToDisk(partial)
    if (!publish(partial, file, force)) throw fileExists(file)
    syncToDisk(dirname(file))
    return { ...facts, bytes: statSync(file).size }
  } catch (error) {
    throw explain(error, options)
  } finally {
    for (const suffix of ['', '-journal']) rmSync(`${partial}${suffix}`, { force: true })
  }
}

/** Only the user of the server may read visitor data. SQLite writes into an empty file. */
function createPrivateFile(path: string): void {
  closeSync(openSync(path, 'wx', 0o600))
}

/** Copies the live rows of a database. Free pages, which may contain deleted data, are left out. */
function copyDatabase(source: string, target: string): void {
  // Opened for reading: the last other connection would truncate the log of a server that has crashed.
  const database = new DatabaseSync(source, { readOnly: true, timeout: busyTimeoutMs })
  try {
    try {
      if (!hasSchema(database)) throw new Error('it is empty')
    } catch (error) {
      const code = isDamage(error) ? 'damaged' : 'unsupported'
      throw new BackupError(code, `${source} cannot be backed up: ${messageOf(error)}.`, error)
    }
    database.prepare('VACUUM INTO ?').run(target)
  } finally {
    database.close()
  }
}

/** Adds the tables of a backup, and checks that a server can continue from the copy. */
async function describe(path: string, options: BackupOptions): Promise<BackupFacts> {
  const { dataDir, version, now } = options
  const database = new DatabaseSync(path)
  try {
    // Nobody else reads the file, and an incomplete one is deleted.
    database.exec('PRAGMA journal_mode = OFF')
    writeBackupTables(database, readTrackerFiles(dataDir))
    const log = createReadOnlyLog(database)
    const figures = await readFigures(log)
    await pause(options.signal)
    const damagedParts = log.findDamagedParts()
    const { lostWrites } = log.damage
    const facts = { format: backupFormat, version, createdAt: now, ...figures }
    const complete: BackupFacts = { ...facts, damagedParts, lostWrites }
    writeManifest(database, complete)
    return complete
  } finally {
    database.close()
  }
}

/** Reads the file again, and compares it with its hash. */
function checkWritten(path: string): void {
  const database = new DatabaseSync(path, { readOnly: true })
  try {
    const check = database.prepare('PRAGMA integrity_check(1)').get()?.['integrity_check']
    if (check === 'ok' && readManifest(database)) return
    throw new BackupError(
      'unwritable',
      `The backup differs from what was written (${String(check)}). Check the disk of the target.`,
    )
  } finally {
    database.close()
  }
}

/** Lets signals arrive, and ends an interrupted backup. */
async function pause(signal: AbortSignal): Promise<void> {
  await setImmediate()
  if (signal.aborted) throw new BackupError('interrupted', 'The backup was interrupted.')
}

function fileExists(file: string): BackupError {
  return new BackupError(
    'exists',
    `${file} exists. Choose another name, or replace the file with --force.`,
  )
}

function explain(error: unknown, { dataDir, file }: BackupOptions): BackupError {
  if (error instanceof BackupError) return error
  if (error instanceof LogUnavailableError || isDamage(error)) {
    const reason = `The data in ${dataDir} is damaged, and a server could not continue from a backup of it`
    return new BackupError('damaged', `${reason}. ${messageOf(error)}`, error)
  }
  if (error instanceof RangeError) {
    return new BackupError('unsupported', `${dataDir} cannot be backed up. ${error.message}`, error)
  }
  if (isDiskFull(error)) {
    const remedy = 'Free some space, or choose another target with --to.'
    return new BackupError('unwritable', `The disk of ${file} is full. ${remedy}`, error)
  }
  const isTarget =
    typeof systemCodeOf(error) === 'string' && String(systemCodeOf(error)) !== 'ERR_SQLITE_ERROR'
  const subject = isTarget ? `${file} cannot be written` : `${dataDir} cannot be copied to ${file}`
  return new BackupError(
    'unwritable',
    `${subject}: ${messageOf(error)}. Give this user read permission for the data directory and write permission ` +
      'for the target, or choose another target with --to.',
    error,
  )
}
