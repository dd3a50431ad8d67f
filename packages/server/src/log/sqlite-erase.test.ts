import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { makeDirectory } from '../testing/directory.ts'
import type { LogRecord } from './log.ts'
import { DatabaseSync } from './node-sqlite.ts'
import { openOwnedDatabase } from './sqlite-database.ts'
import { eraseData, wipeDeletedData } from './sqlite-erase.ts'
import { createSqliteLog } from './sqlite.ts'

const now = Date.UTC(2026, 2, 10)
const recordOf = (body: string): LogRecord => ({
  ...{ site: 'shop', receivedAt: now, body, decision: '{}' },
})

async function setUp(bodies: readonly string[]): Promise<string> {
  const path = join(makeDirectory(), 'tidemark.db')
  const log = createSqliteLog({ path, now })
  for (const body of bodies) await log.append(recordOf(body))
  await log.close()
  return path
}

async function readBodies(path: string): Promise<{ bodies: string[]; lostWrites: number }> {
  const log = createSqliteLog({ path, now })
  const bodies: string[] = []
  for await (const { body } of log.read(0)) bodies.push(body)
  const { lostWrites } = log.damage
  await log.close()
  return { bodies, lostWrites }
}

describe('eraseData', () => {
  it('replaces records in their places, with new checksums', async () => {
    const path = await setUp(['a', 'b', 'c'])
    eraseData(path, ({ replaceRecords }) =>
      replaceRecords(record => (record.body === 'b' ? recordOf('') : record)),
    )
    expect(await readBodies(path)).toEqual({ bodies: ['a', '', 'c'], lostWrites: 0 })
  })

  it('deletes a damaged block, which may have the data', async () => {
    const path = await setUp(['a', 'b'])
    const database = new DatabaseSync(path)
    database.exec("UPDATE block SET records = x'00' WHERE last = 1")
    database.close()
    eraseData(path, ({ replaceRecords }) => replaceRecords(record => record))
    expect(await readBodies(path)).toEqual({ bodies: ['b'], lostWrites: 0 })
  })

  it('changes nothing when the work fails', async () => {
    const path = await setUp(['a'])
    const fail = (): never => {
      throw new Error('Stop')
    }
    expect(() =>
      eraseData(path, ({ replaceRecords }) => {
        replaceRecords(() => recordOf(''))
        fail()
      }),
    ).toThrow('Stop')
    expect((await readBodies(path)).bodies).toEqual(['a'])
  })
})

describe('wipeDeletedData', () => {
  it('leaves no byte of deleted data in the file', async () => {
    const path = await setUp([])
    const text = 'deleted '.repeat(20_000)
    const owned = openOwnedDatabase(path, 'fsync')
    const put = owned.database.prepare('INSERT INTO setting VALUES (?, ?)')
    for (const name of ['a', 'b']) put.run(name, `${text}${name}`)
    owned.database.exec("PRAGMA secure_delete = OFF; DELETE FROM setting WHERE name IN ('a', 'b')")
    owned.close()
    expect(readFileSync(path).includes(text)).toBe(false)
    expect(readFileSync(path).includes('deleted deleted')).toBe(true)
    wipeDeletedData(path)
    expect(readFileSync(path).includes('deleted deleted')).toBe(false)
    expect(readFileSync(`${path}-wal`, { flag: 'a+' }).length).toBe(0)
  })
})
