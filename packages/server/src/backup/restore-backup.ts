import {
  chmodSync,
  constants,
  copyFileSync,
  existsSync,
  renameSync,
  rmSync,
  rmdirSync,
  statSync,
} from 'node:fs'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { LogUnavailableError } from '../log/log.ts'
import { DatabaseSync } from '../log/node-sqlite.ts'
import { createReadOnlyLog } from '../log/read-only-log.ts'
import { lockFile } from '../log/sqlite-database.ts'
import { createDirectory } from '../shared/create-directory.ts'
import { hasSchema } from '../log/sqlite-schema.ts'
import { messageOf } from '../shared/error-message.ts'
import { BackupError, isDamage, isDiskFull } from './backup-error.ts'
import {
  databaseName,
  readNames,
  syncToDisk,
  trackerName,
  writeTrackerFiles,
} from './directory-files.ts'
import { readFigures } from './figures.ts'
import {
  type BackupFacts,
  backupFormat,
  dropBackupTables,
  isBackup,
  readFiles,
  readManifest,
} from './manifest.ts'

export interface RestoreOptions {
  /** Path of the backup. */
  file: string
  /** Data directory, which is empty or does not exist. */
  dataDir: string
  signal: AbortSignal
}

/** Name of the copied database until the restore is complete. It also marks the directory of a killed restore. */
const copyName = `${databaseName}.restoring`
const trackerCopyName = `${trackerName}.restoring`
const lockName = `${databaseName}.lock`

/** Files of a killed restore, which the next one replaces. */
const restoreNames: ReadonlySet<string> = new Set([
  ...[copyName, `${copyName}-journal`, trackerCopyName, trackerName, lockName],
])
/** Names in an empty directory: a new file system has a directory for lost files. */
const emptyNames: ReadonlySet<string> = new Set(['lost+found', lockName])

/**
 * Restores a backup into an empty directory. The copy is verified, and the database gets its name last: a killed
 * restore leaves a directory without a database.
 * @throws {BackupError} when nothing was restored
 */
export async function restoreBackup(options: RestoreOptions): Promise<BackupFacts> {
  const { file, dataDir, signal } = options
  if (!statSync(file, { throwIfNoEntry: false })?.isFile()) {
    throw new BackupError('unreadable', `${file} is not a file. Name a backup with --from.`)
  }
  const isNew = !existsSync(dataDir)
  const copy = join(dataDir, copyName)
  let lock: DatabaseSync | undefined
  try {
    lock = claim(dataDir)
    copyFileSync(file, copy, constants.COPYFILE_FICLONE)
    chmodSync(copy, 0o600)
    await pause(signal)
    const { facts, files } = await verify(copy, file)
    await pause(signal)
    writeTrackerFiles(join(dataDir, trackerCopyName), files)
    moveTracker(dataDir)
    syncToDisk(copy)
    renameSync(copy, join(dataDir, databaseName))
    syncToDisk(dataDir)
    return facts
  } catch (error) {
    if (lock) removeCopies(dataDir)
    throw explain(error, options)
  } finally {
    lock?.close()
    if (lock && !existsSync(join(dataDir, databaseName))) removeDirectory(dataDir, isNew)
  }
}

/** Locks an empty directory, so that no server starts in it. */
function claim(dataDir: string): DatabaseSync {
  createDirectory(dataDir)
  const names = readNames(dataDir)
  const isUnfinished = names.includes(copyName) && !names.includes(databaseName)
  const isEmpty = names.every(
    name => emptyNames.has(name) || (isUnfinished && restoreNames.has(name)),
  )
  if (!isEmpty && !names.includes(lockName)) throw notEmpty(dataDir)
  const lock = lockDirectory(dataDir)
  if (isEmpty) return lock
  lock.close()
  throw notEmpty(dataDir)
}

function lockDirectory(dataDir: string): DatabaseSync {
  try {
    return lockFile(join(dataDir, lockName))
  } catch (error) {
    if (!messageOf(error).includes('locked')) throw error
    throw new BackupError(
      'in_use',
      `A server, an import or a restore has ${dataDir} open. Stop it and move its files away, or choose another ` +
        'directory with --data.',
      error,
    )
  }
}

function notEmpty(dataDir: string): BackupError {
  return new BackupError(
    'exists',
    `${dataDir} is not empty. Move its files away, or choose another directory with --data.`,
  )
}

/** Checks a copy of a backup, and turns it into the database of a server. */
async function verify(copy: string, file: string) {
  const database = new DatabaseSync(copy)
  try {
    database.exec('PRAGMA journal_mode = OFF')
    if (!isBackup(database)) {
      const remedy = 'Name a file that `tidemark backup` has written.'
      throw new BackupError('unsupported', `${file} is not a backup of Tidemark. ${remedy}`)
    }
    checkVersion(() => hasSchema(database), file)
    const check = database.prepare('PRAGMA integrity_check(1)').get()?.['integrity_check']
    const facts = readManifest(database)
    if (check !== 'ok' || !facts) throw damaged(file)
    if (facts.format !== backupFormat) throw unsupported(file, `format ${String(facts.format)}`)
    await readFigures(createReadOnlyLog(database))
    const files = readFiles(database)
    dropBackupTables(database)
    return { facts, files }
  } finally {
    database.close()
  }
}

function checkVersion(check: () => boolean, file: string): void {
  try {
    if (!check()) throw new Error('it is empty')
  } catch (error) {
    if (isDamage(error)) throw error
    throw unsupported(file, messageOf(error), error)
  }
}

function damaged(file: string, cause?: unknown): BackupError {
  const remedy = 'Restore another backup, or copy this one again.'
  return new BackupError(
    'damaged',
    `${file} is damaged: its content differs from its hash. ${remedy}`,
    cause,
  )
}

function unsupported(file: string, reason: string, cause?: unknown): BackupError {
  return new BackupError('unsupported', `${file} cannot be restored: ${reason}.`, cause)
}

function moveTracker(dataDir: string): void {
  const [from, to] = [join(dataDir, trackerCopyName), join(dataDir, trackerName)]
  rmSync(to, { recursive: true, force: true })
  if (existsSync(from)) renameSync(from, to)
}

function removeCopies(dataDir: string): void {
  for (const name of restoreNames) {
    if (name !== lockName) rmSync(join(dataDir, name), { recursive: true, force: true })
  }
}

/** Removes the lock of a failed restore, and the directory if the restore has created it. */
function removeDirectory(dataDir: string, isNew: boolean): void {
  rmSync(join(dataDir, lockName), { force: true })
  if (isNew) rmdirSync(dataDir)
}

/** Lets signals arrive, and ends an interrupted restore. */
async function pause(signal: AbortSignal): Promise<void> {
  await setImmediate()
  if (signal.aborted) throw new BackupError('interrupted', 'The restore was interrupted.')
}

function explain(error: unknown, { file, dataDir }: RestoreOptions): BackupError {
  if (error instanceof BackupError) return error
  if (error instanceof LogUnavailableError || isDamage(error)) return damaged(file, error)
  if (error instanceof RangeError) return unsupported(file, error.message.replace(/\.$/, ''), error)
  if (isDiskFull(error)) {
    const remedy = 'Free some space, or choose another directory with --data.'
    return new BackupError('unwritable', `The disk of ${dataDir} is full. ${remedy}`, error)
  }
  const remedy = 'Give this user permission to read the backup and to write the directory.'
  const message = `${file} cannot be restored to ${dataDir}: ${messageOf(error)}. ${remedy}`
  return new BackupError('unwritable', message, error)
}
