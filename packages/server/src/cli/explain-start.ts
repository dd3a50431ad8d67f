import { CountryFileError } from '../ingest/country-file.ts'
import { messageOf } from '../shared/error-message.ts'

/** Options of `serve` that can cause a failed start. */
export interface StartFlags {
  host: string
  port: number
  data: string
}

/** Describes the reason for a failed start and the remedy, in sentences. */
export function explainStart(error: unknown, flags: StartFlags): string {
  // Its message contains the remedy, and its cause is about the country file, not about the event log.
  if (error instanceof CountryFileError) return error.message
  const cause = error instanceof Error ? error.cause : undefined
  return (
    explainAddress(codeOf(error), flags) ??
    // Log errors have the reason as their cause, except SQLite's errors when records are read.
    explainLog(cause ?? error, flags.data) ??
    `The server did not start: ${messageOf(error)}${cause ? `. ${otherDirectory}.` : ''}`
  )
}

const otherDirectory = 'Choose another directory with --data'

function explainAddress(code: unknown, { host, port }: StartFlags): string | undefined {
  if (code === 'EADDRINUSE') {
    return `Port ${port} of ${host} is in use, possibly by another Tidemark server. Choose another port with --port.`
  }
  if (code === 'EACCES') {
    return `This user has no permission to listen on port ${port}. Choose a port from 1024 to 65535 with --port.`
  }
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
    return `${host} is not an address of this machine. Choose another address with --host.`
  }
  return undefined
}

type LogProblem = 'not_a_directory' | 'not_writable' | 'full' | 'damaged' | 'in_use'

function explainLog(cause: unknown, data: string): string | undefined {
  const problem = logProblems.get(codeOf(cause)) ?? logProblems.get(sqliteCodeOf(cause))
  const orChooseAnother = 'or choose another directory with --data.'
  switch (problem) {
    case 'not_a_directory':
      return `--data: ${data} is a file or is below a file. Choose a directory.`
    case 'not_writable':
      return (
        `The log in ${data} cannot be written: ${messageOf(cause)}. ` +
        `Give this user write permission for the directory and its files, ${orChooseAnother}`
      )
    case 'full':
      return `The disk of ${data} is full. Free some space, ${orChooseAnother}`
    case 'damaged':
      return (
        `The log in ${data} is corrupt, or is not a Tidemark log: ${messageOf(cause)}. ` +
        `Move tidemark.db and the files that start with its name to start a new log, ${orChooseAnother}`
      )
    case 'in_use':
      return `Another process, possibly another Tidemark server, has the log in ${data} open. Stop it, ${orChooseAnother}`
    default:
      return undefined
  }
}

/** Problems by the code of a system error, or by the primary result code of SQLite (sqlite.org/rescode.html). */
const logProblems: ReadonlyMap<unknown, LogProblem> = new Map<unknown, LogProblem>([
  ['EEXIST', 'not_a_directory'],
  ['ENOTDIR', 'not_a_directory'],
  ['EACCES', 'not_writable'],
  ['EPERM', 'not_writable'],
  ['EROFS', 'not_writable'],
  ['ENOSPC', 'full'],
  // SQLITE_ERROR: the database has other tables.
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

/** Returns the primary result code, which is the lowest byte of an extended one. */
function sqliteCodeOf(error: unknown): number | undefined {
  const code = error instanceof Error && 'errcode' in error ? error.errcode : undefined
  return typeof code === 'number' ? code & 0xff : undefined
}
