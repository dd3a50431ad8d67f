import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it, onTestFinished } from 'vitest'
import { makeDirectory } from '../testing/directory.ts'
import { type LogRecord, LogUnavailableError } from './log.ts'
import { openOwned } from './sqlite-database.ts'
import { createSqliteWriter } from './sqlite-writer.ts'

const record: LogRecord = { site: 'shop', receivedAt: 1, body: '{}', decision: '{}' }
const records = (count: number): LogRecord[] => Array.from({ length: count }, () => record)

function setUp() {
  const path = join(makeDirectory(), 'tidemark.db')
  const owned = openOwned(path, 'process')
  const writer = createSqliteWriter({ path, durability: 'process' })
  onTestFinished(async () => {
    await writer.close()
    owned.close()
  })
  const countRows = (): number =>
    Number(owned.database.prepare('SELECT count(*) AS rows FROM log').get()?.['rows'])
  return { path, writer, countRows }
}

describe('the thread that writes', () => {
  it('says the last offset of what was appended, in the order in which it came', async () => {
    const { writer } = setUp()
    const sizes = [3, 1, 500, 2]
    const offsets = await Promise.all(
      sizes.map(size => writer.write({ what: 'append', records: records(size) }, '')),
    )
    expect(offsets).toEqual([3, 4, 504, 506])
  })

  it('forgets a long log bit by bit, and lets what is to be written go first', async () => {
    const { writer, countRows } = setUp()
    await writer.write({ what: 'append', records: records(5000) }, '')
    const done: string[] = []
    const trimmed = writer
      .write({ what: 'trim', before: 5001 }, '')
      .then(() => void done.push('trim'))
    // When this resolves, the first step of the other has been made at most.
    await writer.write({ what: 'append', records: records(1) }, '')
    done.push('append')
    expect(done).toEqual(['append'])
    await trimmed
    expect(countRows()).toBe(1)
  })

  it('says why something could not be written, and goes on', async () => {
    const { writer } = setUp()
    const wrong = { ...record, receivedAt: 0.5 }
    const failing = writer.write({ what: 'append', records: [wrong] }, 'No log')
    await expect(failing).rejects.toThrow(LogUnavailableError)
    const error: unknown = await failing.catch((reason: unknown) => reason)
    expect(error).toMatchObject({
      message: 'No log',
      cause: { message: 'cannot store REAL value in INTEGER column log.received_at' },
    })
    await expect(writer.write({ what: 'append', records: [record] }, '')).resolves.toBe(1)
  })

  it('waits for another connection that writes', async () => {
    const { path, writer } = setUp()
    const other = new DatabaseSync(path)
    onTestFinished(() => other.close())
    other.exec('BEGIN IMMEDIATE')
    const written = writer.write({ what: 'append', records: [record] }, '')
    setTimeout(() => other.exec('COMMIT'), 100)
    await expect(written).resolves.toBe(1)
  })

  it('that cannot work has all refused, and another one works when it can', async () => {
    const path = join(makeDirectory(), 'later', 'tidemark.db')
    const writer = createSqliteWriter({ path, durability: 'process' })
    const write = { what: 'append', records: [record] } as const
    const [waiting] = await Promise.allSettled([writer.write(write, 'No log')])
    expect(waiting).toMatchObject({
      status: 'rejected',
      reason: { message: 'No log', cause: { message: 'unable to open database file' } },
    })
    const owned = openOwned(path, 'process')
    onTestFinished(() => owned.close())
    await expect(writer.write(write, 'No log')).resolves.toBe(1)
    await writer.close()
  })

  it('has said of everything what became of it when it is closed at once', async () => {
    for (let round = 0; round < 10; round++) {
      const path = join(makeDirectory(), 'tidemark.db')
      const owned = openOwned(path, 'process')
      const writer = createSqliteWriter({ path, durability: 'process' })
      const written = writer.write({ what: 'append', records: records(3) }, '')
      await Promise.all([writer.close(), expect(written).resolves.toBe(3)])
      owned.close()
    }
  })

  it('writes all that it has before it is closed, and nothing after', async () => {
    const { writer, countRows } = setUp()
    const written = writer.write({ what: 'append', records: records(300) }, '')
    const closed = writer.close()
    const late = writer.write({ what: 'append', records: records(300) }, '')
    await expect(late).rejects.toThrow(LogUnavailableError)
    await closed
    await expect(written).resolves.toBe(300)
    expect(countRows()).toBe(300)
  })
})
