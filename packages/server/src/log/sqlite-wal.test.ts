import { copyFileSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { makeDirectory } from '../testing/directory.ts'
import type { Damage } from './log.ts'
import { inspectWriteAheadLog } from './sqlite-wal.ts'
import { createSqliteLog } from './sqlite.ts'

/** Copies the files of a database as a crash would leave them after some writes. */
async function crashAfter(writes: number, bodyBytes = 6000): Promise<string> {
  const directory = makeDirectory()
  const path = join(directory, 'running.db')
  const log = createSqliteLog({ path, now: 0 })
  onTestFinished(() => log.close())
  const body = 'x'.repeat(bodyBytes)
  for (let index = 0; index < writes; index++) {
    await log.append({ site: 'shop', receivedAt: index, body, decision: '{}' })
  }
  const crashed = join(directory, 'crashed.db')
  copyFileSync(path, crashed)
  copyFileSync(`${path}-wal`, `${crashed}-wal`)
  return crashed
}

function change(path: string, edit: (bytes: Buffer) => Buffer): void {
  writeFileSync(`${path}-wal`, edit(readFileSync(`${path}-wal`)))
}

const flip = (offset: number) => (bytes: Buffer) => {
  const flipped = Buffer.from(bytes)
  flipped[offset] = (flipped[offset] ?? 0) ^ 1
  return flipped
}

async function countRecords(path: string): Promise<{ records: number } & Damage> {
  const log = createSqliteLog({ path, now: 0 })
  onTestFinished(() => log.close())
  let records = 0
  for await (const { offset } of log.read(0)) records = Math.max(records, offset)
  return { records, ...log.damage }
}

const none: Damage = { lostWrites: 0, isTorn: false }

describe('inspectWriteAheadLog', () => {
  it('finds no damage after a crash, also in a file that was reused many times', async () => {
    expect(inspectWriteAheadLog(join(makeDirectory(), 'none.db'))).toEqual(none)
    expect(inspectWriteAheadLog(await crashAfter(20))).toEqual(none)
    const reused = await crashAfter(900)
    // The file is smaller than the sum of all writes, so it was reused.
    expect(statSync(`${reused}-wal`).size).toBeLessThan(900 * 6000)
    expect(inspectWriteAheadLog(reused)).toEqual(none)
  })

  it.each([10, 4110, 4121])(
    'reports a torn end when the last write is cut by %i bytes',
    async cut => {
      const path = await crashAfter(20)
      change(path, bytes => bytes.subarray(0, -cut))
      const { records, ...damage } = await countRecords(path)
      expect(damage).toEqual({ lostWrites: 0, isTorn: true })
      expect(records).toBe(19)
    },
  )

  it('counts all writes from a flipped bit on as lost', async () => {
    const last = await crashAfter(20)
    change(last, bytes => flip(bytes.length - 10)(bytes))
    expect(await countRecords(last)).toEqual({ records: 19, lostWrites: 1, isTorn: false })
    const middle = await crashAfter(20)
    change(middle, bytes => flip(Math.floor(bytes.length * 0.7))(bytes))
    const { records, lostWrites } = await countRecords(middle)
    expect(records + lostWrites).toBe(20)
    expect(lostWrites).toBeGreaterThan(1)
    expect(records).toBeGreaterThan(1)
  })

  it.each([5, 17, 25])(
    'counts all writes as lost when byte %i of the header is wrong',
    async offset => {
      const path = await crashAfter(20)
      const all = countCommits(path)
      change(path, flip(offset))
      expect(inspectWriteAheadLog(path).lostWrites).toBe(all)
    },
  )

  it.each<[string, (bytes: Buffer) => Buffer]>([
    ['all of its header is zero', bytes => Buffer.concat([Buffer.alloc(32), bytes.subarray(32)])],
    ['its first page is zero', bytes => Buffer.concat([Buffer.alloc(4096), bytes.subarray(4096)])],
    ['its first byte is wrong', flip(0)],
    ['the size of its pages is wrong', flip(10)],
  ])('counts all writes as lost when %s', async (_, edit) => {
    const path = await crashAfter(20)
    change(path, edit)
    const { records, ...damage } = await countRecords(path)
    expect(records).toBe(0)
    expect(damage.lostWrites).toBeGreaterThanOrEqual(20)
  })

  it('reports a torn end for an incomplete header', async () => {
    const path = await crashAfter(20)
    change(path, bytes => bytes.subarray(0, 20))
    expect(await countRecords(path)).toEqual({ records: 0, lostWrites: 0, isTorn: true })
  })

  it('reports damage once, and not again at the next start', async () => {
    const path = await crashAfter(20)
    change(path, bytes => flip(Math.floor(bytes.length * 0.7))(bytes))
    expect((await countRecords(path)).lostWrites).toBeGreaterThan(1)
    const crashed = `${path}.copy`
    for (const end of ['', '-wal']) copyFileSync(`${path}${end}`, `${crashed}${end}`)
    expect(await countRecords(crashed)).toMatchObject(none)
  })
})

/** Counts commit frames, in which the size of the database is not 0. */
function countCommits(path: string): number {
  const bytes = readFileSync(`${path}-wal`)
  let commits = 0
  for (let offset = 32; offset + 4120 <= bytes.length; offset += 4120) {
    if (bytes.readUInt32BE(offset + 4) > 0) commits++
  }
  return commits
}
