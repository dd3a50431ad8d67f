import { randomBytes } from 'node:crypto'
import { closeSync, mkdirSync, openSync, truncateSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, it } from 'vitest'
import { CountryFileError, LogUnavailableError, type Tidemark, createTidemark } from '../index.ts'
import { createSqliteLog } from '../log/sqlite.ts'
import { makeDirectory } from '../testing/directory.ts'
import { explainStart } from './explain-start.ts'

const flags = { host: '127.0.0.1', port: 80, data: 'stats' }

/** What is said of a server that does not start with its log in a directory. */
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
  throw new Error('It started.')
}

/** A directory with a log of a hundred pages that something was done to. */
async function makeLog(spoil: (path: string) => void): Promise<string> {
  const directory = makeDirectory()
  const path = join(directory, 'tidemark.db')
  const log = createSqliteLog({ path, now: 1 })
  const record = { site: 'shop', receivedAt: 1, decision: '{}' }
  // Nothing in them is said twice, so that they are as long as they look.
  const toBody = (): string => randomBytes(3072).toString('base64')
  await Promise.all(Array.from({ length: 100 }, () => log.append({ ...record, body: toBody() })))
  await log.close()
  spoil(path)
  return directory
}

function writeOver(path: string, from: number, pages: number): void {
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
  ['something below a file', (path: string) => join(path, 'deeper')],
])('asks for a directory where --data is %s', async (_, toDirectory) => {
  const path = join(makeDirectory(), 'file')
  writeFileSync(path, '')
  expect(await explainLog(toDirectory(path))).toBe(
    '--data takes a directory, and stats is a file or below one. Choose a directory with --data.',
  )
})

it.each([
  ['no database', (path: string) => writeFileSync(path, 'hello')],
  ['another database', (path: string) => runSql(path, 'DROP TABLE block')],
  ['cut off', (path: string) => truncateSync(path, 8192)],
  ['damaged where it is read later', (path: string) => writeOver(path, 40_960, 20)],
])('says how to begin anew where the log is %s', async (_, spoil) => {
  expect(await explainLog(await makeLog(spoil))).toMatch(
    /^The log in stats is damaged, or not one of Tidemark: .+\. Move tidemark\.db and what begins with its name away to begin a new log, or choose another directory with --data\.$/,
  )
})

it('says that another has the log open', async () => {
  const dataDir = makeDirectory()
  const other = createTidemark({ storage: { dataDir } })
  const said = await explainLog(dataDir)
  await other.close()
  expect(said).toBe(
    'Another process has the log in stats open, perhaps another Tidemark. Close it, or choose another directory with --data.',
  )
})

it('says of a log that cannot be opened or written to see to permissions', async () => {
  const dataDir = makeDirectory()
  mkdirSync(join(dataDir, 'tidemark.db'))
  const remedy =
    "See that the directory and the files in it are this user's and can be written, or choose another directory with --data."
  expect(await explainLog(dataDir)).toBe(
    `The log in stats cannot be written: unable to open database file. ${remedy}`,
  )
  for (const cause of [
    // As on a system that was mounted to be read, in a directory of somebody else, and in a file of one.
    Object.assign(new Error('EROFS: read-only file system'), { code: 'EROFS' }),
    Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES' }),
    Object.assign(new Error('attempt to write a readonly database'), sqlite(1544)),
    Object.assign(new Error('disk I/O error'), sqlite(3850)),
  ]) {
    const said = explainStart(new LogUnavailableError('No', { cause }), flags)
    expect(said).toBe(`The log in stats cannot be written: ${cause.message}. ${remedy}`)
  }
})

it('says that the disk is full', () => {
  const cause = Object.assign(new Error('database or disk is full'), sqlite(13))
  expect(explainStart(new LogUnavailableError('No', { cause }), flags)).toBe(
    'The disk that stats is on is full. Make room on it, or choose another directory with --data.',
  )
})

it('says what to do with the log of a newer version', async () => {
  const dataDir = await makeLog(path => runSql(path, 'PRAGMA user_version = 99'))
  expect(await explainLog(dataDir)).toMatch(
    /written by another version of Tidemark .+99.+\. Choose another directory with --data\.$/,
  )
})

it('says what to do about an address that cannot be listened on', () => {
  const of = (code: string): string => explainStart(Object.assign(new Error(code), { code }), flags)
  expect(of('EADDRINUSE')).toMatch(/^Port 80 of 127\.0\.0\.1 is in use, .+--port\.$/)
  expect(of('EACCES')).toMatch(/^This user may not listen on port 80\. .+--port\.$/)
  expect(of('EADDRNOTAVAIL')).toMatch(/^This machine has no address 127\.0\.0\.1\. .+--host\.$/)
})

it('passes on what it knows nothing of', () => {
  expect(explainStart(new Error('so it is'), flags)).toBe('The server did not start: so it is')
})

function sqlite(errcode: number): { code: string; errcode: number } {
  return { code: 'ERR_SQLITE_ERROR', errcode }
}

it('says of a country file what is wrong with it, and not that the log is', () => {
  const cause = Object.assign(new Error('EACCES'), { code: 'EACCES' })
  const error = new CountryFileError('The country file x cannot be read.', { cause })
  expect(explainStart(error, flags)).toBe('The country file x cannot be read.')
})
