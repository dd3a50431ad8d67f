import { randomBytes } from 'node:crypto'
import { closeSync, mkdirSync, openSync, truncateSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { DatabaseSync } from 'node:sqlite'
import { expect, it } from 'vitest'
import { CountryFileError, LogUnavailableError, type Tidemark, createTidemark } from '../index.ts'
import { createSqliteLog } from '../log/sqlite.ts'
import { makeDirectory } from '../testing/directory.ts'
import { explainStart } from './explain-start.ts'

const flags = { host: '127.0.0.1', port: 80, data: 'stats' }

/** Returns the explanation for a server that fails to start with its log in a directory. */
async function explainLog(dataDir: string): Promise<string> {
  let tidemark: Tidemark | undefined
  try {
    tidemark = createTidemark({ storage: { dataDir } })
    await tidemark.ready
  } catch (error) {
    return explainStart(error, flags)
  } finally {
    await tidemark?.close()
  }
  throw new Error('The server started.')
}

/** Creates a directory with a damaged log of one hundred pages. */
async function makeLog(damage: (path: string) => void): Promise<string> {
  const directory = makeDirectory()
  const path = join(directory, 'tidemark.db')
  const log = createSqliteLog({ path, now: 1 })
  const record = { site: 'shop', receivedAt: 1, decision: '{}' }
  // Random bodies, so that compression does not make them shorter.
  const toBody = (): string => randomBytes(3072).toString('base64')
  await Promise.all(Array.from({ length: 100 }, () => log.append({ ...record, body: toBody() })))
  await log.close()
  damage(path)
  return directory
}

function overwrite(path: string, from: number, pages: number): void {
  const file = openSync(path, 'r+')
  writeSync(file, Buffer.alloc(4096 * pages, 255), 0, 4096 * pages, from)
  closeSync(file)
}

function runSql(path: string, sql: string): void {
  const database = new DatabaseSync(path)
  database.exec(sql)
  database.close()
}

it.each([
  ['a file', (path: string) => path],
  ['a path below a file', (path: string) => join(path, 'deeper')],
])('explainStart: requests a directory when --data is %s', async (_, toDirectory) => {
  const path = join(makeDirectory(), 'file')
  writeFileSync(path, '')
  expect(await explainLog(toDirectory(path))).toBe(
    '--data: stats is a file or is below a file. Choose a directory.',
  )
})

it.each([
  ['not a database', (path: string) => writeFileSync(path, 'hello')],
  ['another database', (path: string) => runSql(path, 'DROP TABLE block')],
  ['truncated', (path: string) => truncateSync(path, 8192)],
  ['corrupt in a page that is read later', (path: string) => overwrite(path, 40_960, 20)],
])('explainStart: describes how to start a new log when the log is %s', async (_, damage) => {
  expect(await explainLog(await makeLog(damage))).toMatch(
    /^The log in stats is corrupt, or is not a Tidemark log: .+\. Move tidemark\.db and the files that start with its name to start a new log, or choose another directory with --data\.$/,
  )
})

it('explainStart: reports that another process has the log open', async () => {
  const dataDir = makeDirectory()
  const other = createTidemark({ storage: { dataDir } })
  const message = await explainLog(dataDir)
  await other.close()
  expect(message).toBe(
    'Another process, possibly another Tidemark server, has the log in stats open. Stop it, or choose another directory with --data.',
  )
})

it('explainStart: requests write permission for a log that cannot be opened or written', async () => {
  const dataDir = makeDirectory()
  mkdirSync(join(dataDir, 'tidemark.db'))
  const remedy =
    'Give this user write permission for the directory and its files, or choose another directory with --data.'
  expect(await explainLog(dataDir)).toBe(
    `The log in stats cannot be written: unable to open database file. ${remedy}`,
  )
  for (const cause of [
    // A read-only file system, and a directory and a file of another user.
    Object.assign(new Error('EROFS: read-only file system'), { code: 'EROFS' }),
    Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES' }),
    Object.assign(new Error('attempt to write a readonly database'), sqlite(1544)),
    Object.assign(new Error('disk I/O error'), sqlite(3850)),
  ]) {
    const message = explainStart(new LogUnavailableError('No', { cause }), flags)
    expect(message).toBe(`The log in stats cannot be written: ${cause.message}. ${remedy}`)
  }
})

// Nobody can create a directory in this one, not even root.
it.runIf(process.platform === 'linux')(
  'explainStart: requests write permission for a directory that cannot be created',
  async () => {
    expect(await explainLog('/sys/tidemark')).toMatch(
      /^The log in stats cannot be written: E(?:PERM|ROFS|ACCES): .+ Give this user write permission/,
    )
  },
)

it('explainStart: reports that the disk is full', () => {
  const cause = Object.assign(new Error('database or disk is full'), sqlite(13))
  expect(explainStart(new LogUnavailableError('No', { cause }), flags)).toBe(
    'The disk of stats is full. Free some space, or choose another directory with --data.',
  )
})

it('explainStart: names the remedy for a log of a newer version', async () => {
  const dataDir = await makeLog(path => runSql(path, 'PRAGMA user_version = 99'))
  expect(await explainLog(dataDir)).toMatch(
    /written by another version of Tidemark .+99.+\. Choose another directory with --data\.$/,
  )
})

it('explainStart: names the option to change for an address that is not available', () => {
  const of = (code: string): string => explainStart(Object.assign(new Error(code), { code }), flags)
  expect(of('EADDRINUSE')).toMatch(/^Port 80 of 127\.0\.0\.1 is in use, .+--port\.$/)
  expect(of('EACCES')).toMatch(/^This user has no permission to listen on port 80\. .+--port\.$/)
  expect(of('EADDRNOTAVAIL')).toMatch(
    /^127\.0\.0\.1 is not an address of this machine\. .+--host\.$/,
  )
})

it('explainStart: returns the message of an unknown error', () => {
  expect(explainStart(new Error('unknown'), flags)).toBe('The server did not start: unknown')
})

function sqlite(errcode: number): { code: string; errcode: number } {
  return { code: 'ERR_SQLITE_ERROR', errcode }
}

it('explainStart: describes the error of a country file, not of the log', () => {
  const cause = Object.assign(new Error('EACCES'), { code: 'EACCES' })
  const error = new CountryFileError('The country file x cannot be read.', { cause })
  expect(explainStart(error, flags)).toBe('The country file x cannot be read.')
})
