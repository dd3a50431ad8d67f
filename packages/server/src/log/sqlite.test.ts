import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { createInterface } from 'node:readline'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { makeDirectory } from '../testing/directory.ts'
import { type Log, type LogRecord, LogUnavailableError, type StoredRecord } from './log.ts'
import { type SqliteLogOptions, createSqliteLog } from './sqlite.ts'

const now = 1_700_000_000_000
const record: LogRecord = { site: 'shop', receivedAt: now, body: '{}', decision: '{}' }

function open(path: string, options: Partial<SqliteLogOptions> = {}): Log {
  const log = createSqliteLog({ path, now, ...options })
  onTestFinished(() => log.close())
  return log
}

function makePath(): string {
  return join(makeDirectory(), 'tidemark.db')
}

async function readAll(log: Log, from = 0): Promise<StoredRecord[]> {
  const all: StoredRecord[] = []
  for await (const each of log.read(from)) all.push(each)
  return all
}

async function readBodies(log: Log): Promise<string[]> {
  return (await readAll(log)).map(({ body }) => body)
}

function messageOf(run: () => unknown): string {
  try {
    run()
  } catch (error) {
    if (error instanceof LogUnavailableError) return error.message
    throw error
  }
  throw new Error('It did not throw.')
}

describe('createSqliteLog: files', () => {
  it.skipIf(process.platform === 'win32')('are readable by their owner only', async () => {
    const directory = makeDirectory()
    const path = join(directory, 'data', 'tidemark.db')
    await open(path).append(record)
    for (const name of readdirSync(join(directory, 'data'))) {
      expect(statSync(join(directory, 'data', name)).mode & 0o077, name).toBe(0)
    }
    expect(statSync(join(directory, 'data')).mode & 0o077).toBe(0)
  })
})

describe('createSqliteLog: settings', () => {
  it('erase a replaced value from the files, because it may be a salt', async () => {
    const directory = makeDirectory()
    const log = open(join(directory, 'tidemark.db'))
    log.settings.set('visitor_salt', 'YESTERDAY')
    await log.append(record)
    log.settings.set('visitor_salt', 'TODAY')
    // The writer thread runs commands in order, so the erasure is done when this resolves.
    await log.append(record)
    await log.trim(0)
    const text = readdirSync(directory)
      .map(name => readFileSync(join(directory, name), 'latin1'))
      .join('')
    expect(text).toContain('TODAY')
    expect(text).not.toContain('YESTERDAY')
  })
})

describe('createSqliteLog: another reading program', () => {
  it('delays no append, and replaced values are erased after it has closed', async () => {
    const directory = makeDirectory()
    const path = join(directory, 'tidemark.db')
    const log = open(path)
    log.settings.set('visitor_salt', 'YESTERDAY')
    await log.append(record)
    await log.trim(0)
    const reader = new DatabaseSync(path, { readOnly: true })
    onTestFinished(() => (reader.isOpen ? reader.close() : undefined))
    reader.exec('BEGIN')
    expect(reader.prepare('SELECT count(*) AS rows FROM block').get()).toEqual({ rows: 1 })
    log.settings.set('visitor_salt', 'TODAY')
    const startedAt = performance.now()
    await log.append(record)
    expect(performance.now() - startedAt).toBeLessThan(2000)
    reader.close()
    await log.trim(0)
    const text = readdirSync(directory)
      .map(name => readFileSync(join(directory, name), 'latin1'))
      .join('')
    expect(text).toContain('TODAY')
    expect(text).not.toContain('YESTERDAY')
  })
})

describe('createSqliteLog: restart', () => {
  it('keeps records and settings, continues offsets and increases the epoch', async () => {
    const path = makePath()
    const first = open(path)
    const offset = await first.append({ ...record, body: 'one' })
    first.settings.set('salt', 'of the day')
    await first.close()
    const second = open(path)
    expect(second.epoch).toBeGreaterThan(first.epoch)
    expect(second.settings.get('salt')).toBe('of the day')
    expect(await second.append({ ...record, body: 'two' })).toBeGreaterThan(offset)
    expect(await readBodies(second)).toEqual(['one', 'two'])
  })

  it('reuses no offset, even after the whole log was trimmed', async () => {
    const path = makePath()
    const first = open(path)
    const offset = await first.append(record)
    await first.trim(offset + 1)
    await first.close()
    expect(await open(path).append(record)).toBeGreaterThan(offset)
  })

  it('increases the epoch even when the clock was set back', async () => {
    const path = makePath()
    const first = open(path)
    await first.close()
    expect(open(path, { now: now - 86_400_000 }).epoch).toBe(first.epoch + 1)
  })

  it('keeps records that were appended right before closing', async () => {
    const path = makePath()
    const first = open(path)
    const appended = first.append({ ...record, body: 'last' })
    await first.close()
    await expect(appended).resolves.toBeGreaterThan(0)
    expect(await readBodies(open(path))).toEqual(['last'])
  })
})

describe('createSqliteLog: durability', () => {
  it.each([
    ['process', 1],
    ['fsync', 2],
  ] as const)('%s sets the synchronous mode of SQLite', async (durability, synchronous) => {
    const prepared: unknown[] = []
    const exec = DatabaseSync.prototype.exec
    onTestFinished(() => void (DatabaseSync.prototype.exec = exec))
    DatabaseSync.prototype.exec = function (sql) {
      exec.call(this, sql)
      if (sql.includes('synchronous')) prepared.push(this.prepare('PRAGMA synchronous').get())
    }
    await open(makePath(), { durability }).close()
    expect(prepared).toEqual([{ synchronous }])
  })
})

describe('createSqliteLog: append', () => {
  it('rejects after close', async () => {
    const log = open(makePath())
    await log.close()
    await expect(log.append(record)).rejects.toThrow(LogUnavailableError)
  })

  it('rejects while too many bytes wait for the disk, and accepts again afterwards', async () => {
    const log = open(makePath(), { maxPendingBytes: 100 })
    const body = 'x'.repeat(60)
    const [first, second] = await Promise.allSettled([
      log.append({ ...record, body }),
      log.append({ ...record, body }),
    ])
    expect([first.status, second.status]).toEqual(['fulfilled', 'rejected'])
    await expect(log.append({ ...record, body })).resolves.toBeGreaterThan(0)
    expect((await readBodies(log)).length).toBe(2)
  })

  it('continues after a failed group, of which nothing is stored', async () => {
    const path = makePath()
    const log = open(path)
    const other = new DatabaseSync(path)
    onTestFinished(() => other.close())
    other.exec("CREATE TRIGGER refuse BEFORE INSERT ON block BEGIN SELECT RAISE(ABORT, 'no'); END")
    const group = [log.append({ ...record, body: 'one' }), log.append({ ...record, body: 'two' })]
    for (const { status } of await Promise.allSettled(group)) expect(status).toBe('rejected')
    other.exec('DROP TRIGGER refuse')
    await log.append({ ...record, body: 'after it' })
    expect(await readBodies(log)).toEqual(['after it'])
  })
})

describe('createSqliteLog: read', () => {
  it('starts at an offset in the middle of a block', async () => {
    const log = open(makePath())
    const [, second = 0] = await Promise.all(
      ['one', 'two', 'three'].map(body => log.append({ ...record, body })),
    )
    const found = (await readAll(log, second)).map(({ offset, body }) => [offset, body])
    expect(found).toEqual([
      [second, 'two'],
      [second + 1, 'three'],
    ])
  })

  it('returns each record unchanged when many were appended at once', async () => {
    const log = open(makePath())
    const bodies = Array.from({ length: 300 }, (_, n) => `${n} `.repeat(3000))
    await Promise.all(bodies.map(body => log.append({ ...record, body })))
    expect(await readBodies(log)).toEqual(bodies)
  })

  it('returns the records of a block until the whole block is trimmed', async () => {
    const log = open(makePath())
    const [first, second] = await Promise.all([log.append(record), log.append(record)])
    await log.trim(second)
    expect((await readAll(log)).map(({ offset }) => offset)).toEqual([first, second])
    await log.trim(second + 1)
    expect(await readAll(log)).toEqual([])
  })

  it.each([
    ['cut', 'UPDATE block SET records = substr(records, 1, length(records) - 1) WHERE last = 2'],
    [
      'changed',
      "UPDATE block SET records = CAST(substr(records, 1, length(records) - 2) || x'0000' AS BLOB) WHERE last = 2",
    ],
    ['not compressed', "UPDATE block SET records = x'0102' WHERE last = 2"],
    ['miscounted', 'UPDATE block SET count = 2 WHERE last = 2'],
  ])('skips a block that is %s, counts it as damage, and returns all others', async (_, sql) => {
    const path = makePath()
    const log = open(path)
    for (const body of ['one', 'two', 'three']) await log.append({ ...record, body })
    expect(await readBodies(log)).toEqual(['one', 'two', 'three'])
    expect(log.damage.lostWrites).toBe(0)
    const other = new DatabaseSync(path)
    onTestFinished(() => other.close())
    other.exec(sql)
    for (let time = 0; time < 2; time++) {
      const read = (await readAll(log)).map(({ offset, body }) => [offset, body])
      expect(read).toEqual([
        [1, 'one'],
        [3, 'three'],
      ])
      expect(log.damage).toEqual({ lostWrites: 1, isTorn: false })
    }
  })

  it('decompresses blocks that take a fraction of their size on disk', async () => {
    const path = makePath()
    const log = open(path)
    const body = JSON.stringify({
      events: Array.from({ length: 100 }, (_, n) => ({ n, name: 'page_view' })),
    })
    await Promise.all(Array.from({ length: 20 }, () => log.append({ ...record, body })))
    const reader = new DatabaseSync(path, { readOnly: true })
    onTestFinished(() => reader.close())
    const row = reader.prepare('SELECT sum(length(records)) AS bytes FROM block').get()
    expect(Number(row?.['bytes'])).toBeLessThan(2 * body.length)
  })
})

describe('createSqliteLog: opening', () => {
  it('refuses a file that is open, and gives the reason', async () => {
    const path = makePath()
    const first = open(path)
    expect(messageOf(() => open(path))).toContain('another process has it open')
    await expect(first.append(record)).resolves.toBeGreaterThan(0)
    await first.close()
    await expect(open(path).append(record)).resolves.toBeGreaterThan(0)
  })

  it.each([1, 99])('refuses schema version %i, and does not change the file', async version => {
    const path = makePath()
    await open(path).close()
    const known = setVersion(path, version)
    expect(messageOf(() => open(path))).toContain(
      `another version of Tidemark (schema version ${version}; this one supports version 3). Open it with`,
    )
    expect(setVersion(path, known)).toBe(version)
    await expect(open(path).append(record)).resolves.toBeGreaterThan(0)
  })

  it('refuses the database of another program, and does not change it', () => {
    const path = makePath()
    const other = new DatabaseSync(path)
    onTestFinished(() => other.close())
    other.exec('CREATE TABLE block (a)')
    expect(messageOf(() => open(path))).toContain('a database of another program')
    expect(other.prepare('SELECT name FROM sqlite_schema').all()).toEqual([{ name: 'block' }])
    expect(other.prepare('PRAGMA user_version').get()).toEqual({ user_version: 0 })
  })

  it('refuses a path below a file', () => {
    const file = join(makeDirectory(), 'file')
    writeFileSync(file, '')
    expect(messageOf(() => open(join(file, 'tidemark.db')))).toContain('cannot be opened')
  })

  it.runIf(process.platform === 'linux')(
    'refuses a directory that the system does not create',
    () => {
      expect(messageOf(() => open('/proc/tidemark/tidemark.db'))).toContain('cannot be opened')
    },
  )

  it('refuses a file that is no database, and does not change it', () => {
    const path = makePath()
    const text = 'These are notes, and no database at all. '.repeat(100)
    writeFileSync(path, text)
    expect(messageOf(() => open(path))).toContain('cannot be opened')
    expect(readFileSync(path, 'utf8')).toBe(text)
  })
})

/** Sets the schema version, and returns the previous one. */
function setVersion(path: string, version: number): number {
  const database = new DatabaseSync(path)
  const before = Number(database.prepare('PRAGMA user_version').get()?.['user_version'])
  database.exec(`PRAGMA user_version = ${version}`)
  database.close()
  return before
}

interface Appender {
  readonly child: ChildProcess
  /** Resolves with the next line of its output. */
  next(): Promise<string>
  /** Kills it with SIGKILL, and returns its remaining output. */
  kill(): Promise<string[]>
}

const script = fileURLToPath(new URL('../testing/append-until-killed.ts', import.meta.url))

/** Starts another process that appends to the log until it is killed. */
function startAppender(path: string, name: string, wrapper: string[] = []): Appender {
  const [command, ...before] = [...wrapper, process.execPath]
  const child = spawn(
    command,
    [...before, '--disable-warning=ExperimentalWarning', script, path, name],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const closed = new Promise<void>(resolve => child.once('close', () => resolve()))
  onTestFinished(() => void child.kill('SIGKILL'))
  async function next(): Promise<string> {
    const { done, value } = await lines.next()
    if (done) throw new Error('The appender has ended.')
    return value
  }
  return {
    child,
    next,
    async kill() {
      child.kill('SIGKILL')
      const rest: string[] = []
      for (let each = await lines.next(); !each.done; each = await lines.next())
        rest.push(each.value)
      await closed
      return rest
    },
  }
}

/** Returns the numbers of the acknowledged records, by offset. */
function acknowledged(lines: readonly string[]): Map<number, number> {
  const pairs = lines.flatMap(line => {
    const [, number, offset] = /^ok (\d+) (\d+)$/.exec(line) ?? []
    return number && offset ? [[Number(offset), Number(number)] as const] : []
  })
  return new Map(pairs)
}

describe('createSqliteLog: another process', () => {
  it(
    'loses no acknowledged record when it is killed with SIGKILL',
    { timeout: 20_000 },
    async () => {
      const path = makePath()
      const known = new Map<number, string>()
      for (const [round, count] of [1, 2 + randomBelow(20), 1 + randomBelow(200), 150].entries()) {
        const appender = startAppender(path, `round ${round}`)
        const lines: string[] = []
        while (lines.length < count) lines.push(await appender.next())
        expect(messageOf(() => open(path))).toContain('another process has it open')
        lines.push(...(await appender.kill()))
        for (const [offset, number] of acknowledged(lines)) {
          expect(known.has(offset)).toBe(false)
          known.set(offset, `round ${round} ${number}`)
        }

        const log = open(path)
        const found = new Map<number, string>()
        for await (const { offset, body } of log.read(0)) {
          found.set(offset, body.slice(0, body.lastIndexOf(' ')))
        }
        for (const [offset, name] of known) expect(found.get(offset)).toBe(name)
        expect(new Set(found.values()).size).toBe(found.size)
        const last = await log.append({ ...record, body: `after round ${round} ` })
        expect(last).toBeGreaterThan(Math.max(...found.keys()))
        await log.close()
      }
    },
  )

  // Only Linux has a command that raises a file size limit of a running process.
  const hasPrlimit = spawnSync('prlimit', ['--version']).status === 0
  it.skipIf(!hasPrlimit)(
    'rejects appends and can still read while the disk is full, and recovers by itself (needs prlimit)',
    { timeout: 20_000 },
    async () => {
      const path = makePath()
      const appender = startAppender(path, 'x', ['prlimit', '--fsize=262144:unlimited'])
      const lines: string[] = []
      const until = async (start: string): Promise<void> => {
        do lines.push(await appender.next())
        while (!lines.at(-1)?.startsWith(start))
      }
      await until('failed')
      const written = acknowledged(lines).size
      expect(written).toBeGreaterThan(10)
      expect(lines.at(-1)).toBe(`failed ${written + 1}, can read ${written}`)
      await until('failed')
      spawnSync('prlimit', ['--pid', String(appender.child.pid), '--fsize=unlimited'])
      await until('ok')
      lines.push(...(await appender.kill()))

      const found = (await readBodies(open(path))).map(body => Number(body.split(' ')[1]))
      const failed = lines.flatMap(line => /^failed (\d+)/.exec(line)?.[1] ?? []).map(Number)
      for (const number of acknowledged(lines).values()) expect(found).toContain(number)
      for (const number of failed) expect(found).not.toContain(number)
    },
  )
})

function randomBelow(limit: number): number {
  return Math.floor(Math.random() * limit)
}
