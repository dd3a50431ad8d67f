import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it, onTestFinished } from 'vitest'
import { makeDirectory } from '../testing/directory.ts'
import type { Log } from './log.ts'
import { createSqliteLog } from './sqlite.ts'
import type { Checkpoint, DamagedParts } from './store.ts'

const bytes = new Uint8Array([1, 2, 3])
const start = 1_700_000_040_000
const minuteMs = 60_000
const damaged = { site: 'shop', tier: 'minute', part: 'path', start, end: start + 1 }

const part = (at: number): Checkpoint['parts'][number] => ({
  ...{ tier: 'minute', part: 'path', start: at, bytes },
})

const checkpoint = (parts: Checkpoint['parts']): Checkpoint => ({
  ...{ offset: 1, state: bytes, segments: [{ table: 'clients', id: 1, bytes }], parts },
})

/** Creates a store with two minutes, and changes it with SQL. */
async function setUp(sql: string) {
  const path = join(makeDirectory(), 'tidemark.db')
  const open = (found: DamagedParts[] = []): Log =>
    createSqliteLog({ path, now: 0, onDamage: each => found.push(each) })
  const log = open()
  await log.store.commit('shop', checkpoint([part(start), part(start + minuteMs)]))
  await log.close()
  const database = new DatabaseSync(path)
  database.exec(sql)
  database.close()
  return (found: DamagedParts[] = []): Log => {
    const reopened = open(found)
    onTestFinished(() => reopened.close())
    return reopened
  }
}

const flip = "CAST(x'01020B' || substr(data, 4) AS BLOB)"
const read = ({ store }: Log, limit?: number): number[] =>
  store.read('shop', 'minute', 'path', 0, 9e15, limit).map(each => each.start)

describe('A damaged part', () => {
  it('is left out, and reported once', async () => {
    const open = await setUp(`UPDATE bucket SET data = ${flip} WHERE start = ${start}`)
    const found: DamagedParts[] = []
    const log = open(found)
    expect([...log.store.sites()]).toHaveLength(1)
    expect(found).toEqual([])
    expect([read(log), read(log), read(log, 1)]).toEqual(
      Array.from({ length: 3 }, () => [start + minuteMs]),
    )
    expect(found).toEqual([damaged])
    expect(log.store.damaged('shop')).toEqual([damaged])
    expect(log.store.damaged('blog')).toEqual([])
  })

  it('stays reported after a checkpoint has replaced it, also after a restart', async () => {
    const open = await setUp(`UPDATE bucket SET data = ${flip} WHERE start = ${start}`)
    const log = open()
    expect(read(log)).toEqual([start + minuteMs])
    await log.store.commit('shop', checkpoint([part(start)]))
    await log.close()
    const reopened = open()
    expect(read(reopened)).toEqual([start, start + minuteMs])
    expect(reopened.store.damaged('shop')).toEqual([damaged])
  })

  it.each([
    ['moved', `UPDATE bucket SET start = start + 60000 WHERE start = ${start + minuteMs}`],
    ['deleted', `DELETE FROM bucket WHERE start = ${start}`],
    ['of another site', `UPDATE bucket SET site = 7 WHERE start = ${start}`],
  ])('that is %s is reported when the site is read', async (_, sql) => {
    const found: DamagedParts[] = []
    const log = (await setUp(sql))(found)
    expect([...log.store.sites()]).toHaveLength(1)
    expect(found[0]).toMatchObject({ site: 'shop', tier: 'minute', part: 'path', start: 0 })
  })

  it('is not reported for expired buckets', async () => {
    const open = await setUp('SELECT 1')
    const log = open()
    await log.store.expire('shop', 'minute', start + minuteMs)
    await log.close()
    const found: DamagedParts[] = []
    const reopened = open(found)
    expect([...reopened.store.sites()]).toHaveLength(1)
    expect([read(reopened), found]).toEqual([[start + minuteMs], []])
  })
})

it.each([
  ['state', "UPDATE site SET state = CAST(x'00' || substr(state, 2) AS BLOB)"],
  ['offset', 'UPDATE site SET log_offset = 2'],
  ['id', 'UPDATE site SET id = 2'],
  ['list of tables', 'DELETE FROM segment'],
  ['table', "UPDATE segment SET data = CAST(x'00' || substr(data, 2) AS BLOB)"],
])('A damaged %s of a site: says first what to do', async (_, sql) => {
  const log = (await setUp(sql))()
  expect(() => [...log.store.sites()]).toThrow(
    /^Restore tidemark\.db from a backup, or move it .* the stored state of site 'shop' is damaged/,
  )
})
