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
import type { StoredPart } from './store.ts'

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs

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

describe('the files', () => {
  it.skipIf(process.platform === 'win32')('are for their owner alone', async () => {
    const directory = makeDirectory()
    const path = join(directory, 'data', 'tidemark.db')
    await open(path).append(record)
    for (const name of readdirSync(join(directory, 'data'))) {
      expect(statSync(join(directory, 'data', name)).mode & 0o077, name).toBe(0)
    }
    expect(statSync(join(directory, 'data')).mode & 0o077).toBe(0)
  })
})

describe('a setting', () => {
  it('leaves nothing of what it was in the files, as it may be a salt', async () => {
    const directory = makeDirectory()
    const log = open(join(directory, 'tidemark.db'))
    log.settings.set('visitor_salt', 'YESTERDAY')
    await log.append(record)
    log.settings.set('visitor_salt', 'TODAY')
    // The thread that writes wipes, in the order of what it is told.
    await log.append(record)
    await log.trim(0)
    const text = readdirSync(directory)
      .map(name => readFileSync(join(directory, name), 'latin1'))
      .join('')
    expect(text).toContain('TODAY')
    expect(text).not.toContain('YESTERDAY')
  })
})

describe('another program', () => {
  it('can read it meanwhile, holds up nothing, and what was replaced is wiped when it has gone', async () => {
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

describe('after a restart', () => {
  it('has the records and settings of before, larger offsets and a later epoch', async () => {
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

  it('uses no offset again, also when everything was trimmed', async () => {
    const path = makePath()
    const first = open(path)
    const offset = await first.append(record)
    await first.trim(offset + 1)
    await first.close()
    expect(await open(path).append(record)).toBeGreaterThan(offset)
  })

  it('has a later epoch also when the clock was set back', async () => {
    const path = makePath()
    const first = open(path)
    await first.close()
    expect(open(path, { now: now - 86_400_000 }).epoch).toBe(first.epoch + 1)
  })

  it('has what was appended and not awaited before it was closed', async () => {
    const path = makePath()
    const first = open(path)
    const appended = first.append({ ...record, body: 'last' })
    await first.close()
    await expect(appended).resolves.toBeGreaterThan(0)
    expect(await readBodies(open(path))).toEqual(['last'])
  })
})

describe('durability', () => {
  it.each([
    ['process', 1],
    ['fsync', 2],
  ] as const)('%s sets how SQLite waits for the disk', async (durability, synchronous) => {
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

describe('appending', () => {
  it('is refused once it is closed, and nothing breaks', async () => {
    const log = open(makePath())
    await log.close()
    await expect(log.append(record)).rejects.toThrow(LogUnavailableError)
  })

  it('is refused while too much waits for the disk, and is taken again after that', async () => {
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

  it('goes on after records that cannot be written, and keeps nothing of their group', async () => {
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

const layout1 = `
  CREATE TABLE log (
    offset INTEGER PRIMARY KEY AUTOINCREMENT, site TEXT NOT NULL, received_at INTEGER NOT NULL,
    body TEXT NOT NULL, decision TEXT NOT NULL
  ) STRICT;
  CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
`

describe('reading', () => {
  it('begins in the middle of records that were written together', async () => {
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

  it('has each record as it was, however many are on their way to the disk', async () => {
    const log = open(makePath())
    const bodies = Array.from({ length: 300 }, (_, n) => `${n} `.repeat(3000))
    await Promise.all(bodies.map(body => log.append({ ...record, body })))
    expect(await readBodies(log)).toEqual(bodies)
  })

  it('keeps records that were written with one that is needed, and forgets them with it', async () => {
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
    ['no blob of ours', "UPDATE block SET records = x'0102' WHERE last = 2"],
    ['miscounted', 'UPDATE block SET count = 2 WHERE last = 2'],
  ])(
    'leaves out what is %s, says how many writes that were, and has all others',
    async (_, sql) => {
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
    },
  )

  it('is of a fraction of the bytes on the disk', async () => {
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

describe('opening', () => {
  it('is refused while it is open, and says why', async () => {
    const path = makePath()
    const first = open(path)
    expect(messageOf(() => open(path))).toContain('another process has it open')
    await expect(first.append(record)).resolves.toBeGreaterThan(0)
    await first.close()
    await expect(open(path).append(record)).resolves.toBeGreaterThan(0)
  })

  it('is refused when a newer Tidemark has written it, which is left as it is', async () => {
    const path = makePath()
    await open(path).close()
    const known = setVersion(path, 99)
    expect(messageOf(() => open(path))).toContain('written by a newer Tidemark (layout 99')
    setVersion(path, known)
    await expect(open(path).append(record)).resolves.toBeGreaterThan(0)
  })

  it('brings the layout of an older Tidemark up to date, with all that is in it', async () => {
    const path = makePath()
    const before = new DatabaseSync(path)
    before.exec(`
      ${layout1}
      INSERT INTO log VALUES (41, 'shop', 5, '{"name":"old"}', '{}'), (43, 'blog', 6, '{"name":"ü"}', '{"skewMs":1}');
      PRAGMA user_version = 1;
    `)
    before.close()
    const log = open(path)
    expect(await readAll(log)).toEqual([
      { offset: 41, site: 'shop', receivedAt: 5, body: '{"name":"old"}', decision: '{}' },
      { offset: 43, site: 'blog', receivedAt: 6, body: '{"name":"ü"}', decision: '{"skewMs":1}' },
    ])
    expect(await log.append(record)).toBe(44)
    await log.store.commit('shop', { offset: 44, state: new Uint8Array(), segments: [], parts: [] })
    expect([...log.store.sites()]).toMatchObject([{ site: 'shop', offset: 44 }])
  })

  it('goes on with the offsets of an older Tidemark that had forgotten all of its log', async () => {
    const path = makePath()
    const before = new DatabaseSync(path)
    before.exec(`
      ${layout1}
      INSERT INTO log VALUES (41, 'shop', 5, '{}', '{}');
      DELETE FROM log;
      PRAGMA user_version = 1;
    `)
    before.close()
    expect(await open(path).append(record)).toBe(42)
  })

  it('leaves an older layout as it is when it cannot be brought up to date', () => {
    const path = makePath()
    const before = new DatabaseSync(path)
    // Somebody else's table has the name of one that is to be made.
    before.exec(`${layout1} CREATE TABLE block (a); PRAGMA user_version = 1`)
    before.close()
    expect(messageOf(() => open(path))).toContain('table block already exists')
    const after = new DatabaseSync(path)
    onTestFinished(() => after.close())
    expect(after.prepare('PRAGMA user_version').get()).toEqual({ user_version: 1 })
    expect(after.prepare("SELECT name FROM sqlite_schema WHERE name = 'bucket'").all()).toEqual([])
  })

  it('takes what an older Tidemark has in coarser buckets alone for forgotten', async () => {
    const path = makePath()
    const log = open(path)
    const today = Math.floor(Date.now() / dayMs) * dayMs
    const bucket = (tier: string, start: number): StoredPart => {
      return { tier, start, part: 'totals', bytes: new Uint8Array() }
    }
    const days = [-40, -3, -1].map(each => bucket('day', today + each * dayMs))
    const hours = [-30, -29, -5].map(each => bucket('hour', today + each * hourMs))
    const minutes = [bucket('minute', today - 5 * hourMs + minuteMs)]
    const sites = {
      ...{ long: [...days, ...hours, ...minutes], quiet: [...days, ...hours], old: days },
      late: [...days, ...hours, bucket('minute', today - 30 * hourMs + minuteMs), ...minutes],
      new: [bucket('day', today - 10 * dayMs), bucket('hour', today - 10 * dayMs + 10 * hourMs)],
      newer: [bucket('hour', today), bucket('minute', today + 40 * minuteMs)],
      evening: [
        bucket('day', today - 9 * dayMs),
        bucket('hour', today - 8 * dayMs - hourMs),
        bucket('minute', today - 8 * dayMs - minuteMs),
      ],
    }
    for (const [site, parts] of Object.entries(sites)) {
      await log.store.commit(site, { offset: 1, state: new Uint8Array(), segments: [], parts })
    }
    await log.close()
    const before = new DatabaseSync(path)
    before.exec('DROP TABLE forgotten; PRAGMA user_version = 3')
    before.close()
    const { store } = open(path)
    const wholeFrom = Object.keys(sites).map(site => [
      site,
      ...['minute', 'hour', 'day'].map(tier => store.completeFrom(site, tier)),
    ])
    expect(wholeFrom).toEqual([
      ['long', today - 5 * hourMs + minuteMs, today - 30 * hourMs, -Infinity],
      ['quiet', today - 4 * hourMs, today - 30 * hourMs, -Infinity],
      ['old', today + hourMs, today + hourMs, -Infinity],
      ['late', today - 5 * hourMs + minuteMs, today - 30 * hourMs, -Infinity],
      ['new', today - 10 * dayMs + 11 * hourMs, -Infinity, -Infinity],
      ['newer', -Infinity, -Infinity, -Infinity],
      ['evening', -Infinity, -Infinity, -Infinity],
    ])
  })

  it('is refused where there can be no directory', () => {
    const file = join(makeDirectory(), 'file')
    writeFileSync(file, '')
    expect(messageOf(() => open(join(file, 'tidemark.db')))).toContain('cannot be opened')
  })

  it.runIf(process.platform === 'linux')('is refused where the system makes no directory', () => {
    expect(messageOf(() => open('/proc/tidemark/tidemark.db'))).toContain('cannot be opened')
  })

  it('is refused where something else is, which is left as it is', () => {
    const path = makePath()
    const text = 'These are notes, and no database at all. '.repeat(100)
    writeFileSync(path, text)
    expect(messageOf(() => open(path))).toContain('cannot be opened')
    expect(readFileSync(path, 'utf8')).toBe(text)
  })
})

/** Returns the one before. */
function setVersion(path: string, version: number): number {
  const database = new DatabaseSync(path)
  const before = Number(database.prepare('PRAGMA user_version').get()?.['user_version'])
  database.exec(`PRAGMA user_version = ${version}`)
  database.close()
  return before
}

interface Appender {
  readonly child: ChildProcess
  /** What it says, a line at a time; the promise of a line resolves when it has been said. */
  next(): Promise<string>
  /** Kills it with the signal that nothing can catch, and gives back all that it said and is not read. */
  kill(): Promise<string[]>
}

const script = fileURLToPath(new URL('../testing/append-until-killed.ts', import.meta.url))

/** Another process, which appends to the log without end. */
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
    if (done) throw new Error('It ended by itself.')
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

/** The numbers of the records that were acknowledged, by offset. */
function acknowledged(lines: readonly string[]): Map<number, number> {
  const pairs = lines.flatMap(line => {
    const [, number, offset] = /^ok (\d+) (\d+)$/.exec(line) ?? []
    return number && offset ? [[Number(offset), Number(number)] as const] : []
  })
  return new Map(pairs)
}

describe('another process', () => {
  it(
    'that is killed with -9 at any moment loses nothing it was told is durable',
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

  // Only Linux has a command that gives a running process more room.
  const hasPrlimit = spawnSync('prlimit', ['--version']).status === 0
  it.skipIf(!hasPrlimit)(
    'whose disk is full is told so, can still read, and goes on by itself when there is room again (needs prlimit)',
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
