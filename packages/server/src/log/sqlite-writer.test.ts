import { setTimeout as sleep } from 'node:timers/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it, onTestFinished } from 'vitest'
import { makeDirectory } from '../testing/directory.ts'
import { type Block, createBlockWriter } from './block.ts'
import { LogUnavailableError } from './log.ts'
import { openOwnedDatabase } from './sqlite-database.ts'
import type { WriteCommand } from './sqlite-write-loop.ts'
import { createSqliteWriter } from './sqlite-writer.ts'

const blocks = createBlockWriter()

function blockOf(count: number): Block {
  for (let left = count; left > 0; left--) {
    blocks.add({ site: 'shop', receivedAt: 1, body: '{}', decision: '{}' })
  }
  return blocks.drain()
}

function setUp() {
  const path = join(makeDirectory(), 'tidemark.db')
  const owned = openOwnedDatabase(path, 'process')
  const writer = createSqliteWriter({ path, durability: 'process' })
  onTestFinished(async () => {
    await writer.close()
    owned.close()
  })
  const { database } = owned
  const countRecords = (): number =>
    Number(database.prepare('SELECT sum(count) AS records FROM block').get()?.['records'])
  return { path, writer, database, countRecords }
}

describe('createSqliteWriter', () => {
  it('resolves appends with their last offset, in call order', async () => {
    const { writer } = setUp()
    const sizes = [3, 1, 500, 2]
    const offsets = await Promise.all(
      sizes.map(size => writer.write({ kind: 'append', block: blockOf(size) }, '')),
    )
    expect(offsets).toEqual([3, 4, 504, 506])
  })

  it('trims a long log in steps, with appends in between', async () => {
    const { writer, database, countRecords } = setUp()
    database.exec(`
      WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number LIMIT 10000)
      INSERT INTO block SELECT n, 1, zeroblob(3000) FROM number
    `)
    const done: string[] = []
    const next = blockOf(1)
    const trimmed = writer
      .write({ kind: 'trim', before: 10_001 }, '')
      .then(() => void done.push('trim'))
    // When this resolves, at most the first step of the trim is done.
    await writer.write({ kind: 'append', block: next }, '')
    done.push('append')
    expect(done).toEqual(['append'])
    await trimmed
    expect(countRecords()).toBe(1)
  })

  it('rejects a failed command with its cause, and continues', async () => {
    const { writer, database } = setUp()
    database.exec(
      "CREATE TRIGGER refuse BEFORE INSERT ON block BEGIN SELECT RAISE(ABORT, 'not now'); END",
    )
    const failing = writer.write({ kind: 'append', block: blockOf(1) }, 'No log')
    await expect(failing).rejects.toThrow(LogUnavailableError)
    const error: unknown = await failing.catch((reason: unknown) => reason)
    expect(error).toMatchObject({
      message: 'No log',
      cause: { message: 'not now' },
    })
    database.exec('DROP TRIGGER refuse')
    await expect(writer.write({ kind: 'append', block: blockOf(1) }, '')).resolves.toBe(1)
  })

  it('waits for the transaction of another connection', async () => {
    const { path, writer } = setUp()
    const other = new DatabaseSync(path)
    onTestFinished(() => other.close())
    other.exec('BEGIN IMMEDIATE')
    const written = writer.write({ kind: 'append', block: blockOf(1) }, '')
    void sleep(100).then(() => other.exec('COMMIT'))
    await expect(written).resolves.toBe(1)
  })

  it('rejects commands when the thread cannot start, and starts a new thread for the next one', async () => {
    const path = join(makeDirectory(), 'later', 'tidemark.db')
    const writer = createSqliteWriter({ path, durability: 'process' })
    const write = (): WriteCommand => ({ kind: 'append', block: blockOf(1) })
    const [waiting] = await Promise.allSettled([writer.write(write(), 'No log')])
    expect(waiting).toMatchObject({
      status: 'rejected',
      reason: { message: 'No log', cause: { message: 'unable to open database file' } },
    })
    const owned = openOwnedDatabase(path, 'process')
    onTestFinished(() => owned.close())
    await expect(writer.write(write(), 'No log')).resolves.toBe(1)
    await writer.close()
  })

  it('resolves pending commands when it is closed immediately', async () => {
    for (let round = 0; round < 10; round++) {
      const path = join(makeDirectory(), 'tidemark.db')
      const owned = openOwnedDatabase(path, 'process')
      const writer = createSqliteWriter({ path, durability: 'process' })
      const written = writer.write({ kind: 'append', block: blockOf(3) }, '')
      await Promise.all([writer.close(), expect(written).resolves.toBe(3)])
      owned.close()
    }
  })

  it('writes pending commands before it closes, and rejects later ones', async () => {
    const { writer, countRecords } = setUp()
    const written = writer.write({ kind: 'append', block: blockOf(300) }, '')
    const closed = writer.close()
    const lateWrite = writer.write({ kind: 'append', block: blockOf(300) }, '')
    await expect(lateWrite).rejects.toThrow(LogUnavailableError)
    await closed
    await expect(written).resolves.toBe(300)
    expect(countRecords()).toBe(300)
  })
})
