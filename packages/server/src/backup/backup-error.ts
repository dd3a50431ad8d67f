export type BackupErrorCode =
  /** The data directory has no database. */
  | 'no_database'
  /** The data directory, or the backup, is damaged. */
  | 'damaged'
  /** The file is no backup, or another version has written it. */
  | 'unsupported'
  /** A file or directory cannot be read. */
  | 'unreadable'
  /** The target exists already. */
  | 'exists'
  /** The target cannot be written. */
  | 'unwritable'
  /** A server has the data directory open. */
  | 'in_use'
  /** The user has interrupted the command. */
  | 'interrupted'

/** A failed backup or restore. The message names the reason and the remedy, in sentences. */
export class BackupError extends Error {
  override name = 'BackupError'
  readonly code: BackupErrorCode

  constructor(code: BackupErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
  }
}

/** Primary result codes of SQLite for a damaged file: SQLITE_CORRUPT and SQLITE_NOTADB. */
const damageCodes: ReadonlySet<number> = new Set([11, 26])
/** SQLITE_FULL */
const fullCode = 13

/** Returns whether SQLite found a file damaged, or found no database in it. */
export function isDamage(error: unknown): boolean {
  const code = sqliteCodeOf(error)
  return code !== undefined && damageCodes.has(code)
}

export function isDiskFull(error: unknown): boolean {
  return sqliteCodeOf(error) === fullCode || systemCodeOf(error) === 'ENOSPC'
}

export function systemCodeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}

/** Returns the primary result code, which is the lowest byte of an extended one. */
function sqliteCodeOf(error: unknown): number | undefined {
  const code = error instanceof Error && 'errcode' in error ? error.errcode : undefined
  return typeof code === 'number' ? code & 0xff : undefined
}
