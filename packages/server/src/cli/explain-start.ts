import { CountryFileError } from '../ingest/country-file.ts'
import { messageOf } from '../replay/failure.ts'

/** What a start was asked for. */
export interface StartFlags {
  host: string
  port: number
  data: string
}

/** What went wrong with a start, in sentences that say what to do. */
export function explainStart(error: unknown, flags: StartFlags): string {
  // It says itself what to do, and its cause is the file's and not the log's.
  if (error instanceof CountryFileError) return error.message
  const cause = error instanceof Error ? error.cause : undefined
  return (
    explainAddress(codeOf(error), flags) ??
    // What a log cannot do is thrown with its reason, or by SQLite itself where records are read.
    explainLog(cause ?? error, flags.data) ??
    `The server did not start: ${messageOf(error)}${cause ? `. ${otherData}.` : ''}`
  )
}

const otherData = 'Choose another directory with --data'

function explainAddress(code: unknown, { host, port }: StartFlags): string | undefined {
  if (code === 'EADDRINUSE') {
    return `Port ${port} of ${host} is in use, perhaps by another Tidemark. Choose one with --port.`
  }
  if (code === 'EACCES') {
    return `This user may not listen on port ${port}. Choose one from 1024 on with --port.`
  }
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
    return `This machine has no address ${host}. Choose one with --host.`
  }
  return undefined
}

type Trouble = 'not_a_directory' | 'not_writable' | 'full' | 'damaged' | 'in_use'

function explainLog(cause: unknown, data: string): string | undefined {
  const trouble = troubles.get(codeOf(cause)) ?? troubles.get(sqliteCodeOf(cause))
  const or = 'or choose another directory with --data.'
  switch (trouble) {
    case 'not_a_directory':
      return `--data takes a directory, and ${data} is a file or below one. Choose a directory with --data.`
    case 'not_writable':
      return (
        `The log in ${data} cannot be written: ${messageOf(cause)}. ` +
        `See that the directory and the files in it are this user's and can be written, ${or}`
      )
    case 'full':
      return `The disk that ${data} is on is full. Make room on it, ${or}`
    case 'damaged':
      return (
        `The log in ${data} is damaged, or not one of Tidemark: ${messageOf(cause)}. ` +
        `Move tidemark.db and what begins with its name away to begin a new log, ${or}`
      )
    case 'in_use':
      return `Another process has the log in ${data} open, perhaps another Tidemark. Close it, ${or}`
    default:
      return undefined
  }
}

/** By the code of a system error, or the primary result code of SQLite (sqlite.org/rescode.html). */
const troubles: ReadonlyMap<unknown, Trouble> = new Map<unknown, Trouble>([
  ['EEXIST', 'not_a_directory'],
  ['ENOTDIR', 'not_a_directory'],
  ['EACCES', 'not_writable'],
  ['EPERM', 'not_writable'],
  ['EROFS', 'not_writable'],
  ['ENOSPC', 'full'],
  // SQLITE_ERROR: its tables are others.
  [1, 'damaged'],
  // SQLITE_BUSY
  [5, 'in_use'],
  // SQLITE_READONLY, SQLITE_IOERR and SQLITE_CANTOPEN
  [8, 'not_writable'],
  [10, 'not_writable'],
  [14, 'not_writable'],
  // SQLITE_CORRUPT and SQLITE_NOTADB
  [11, 'damaged'],
  [26, 'damaged'],
  // SQLITE_FULL
  [13, 'full'],
])

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}

/** Extended codes have the primary one in their lowest byte. */
function sqliteCodeOf(error: unknown): number | undefined {
  const code = error instanceof Error && 'errcode' in error ? error.errcode : undefined
  return typeof code === 'number' ? code & 0xff : undefined
}
