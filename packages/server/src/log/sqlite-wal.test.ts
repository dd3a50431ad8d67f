import { copyFileSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { makeDirectory } from '../testing/directory.ts'
import { countLostTransactions } from './sqlite-wal.ts'
import { createSqliteLog } from './sqlite.ts'

/** The files of a database, as a crash would leave them after some writes. */
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

function change(path: string, how: (bytes: Buffer) => Buffer): void {
  writeFileSync(`${path}-wal`, how(readFileSync(`${path}-wal`)))
}

const flip = (at: number) => (bytes: Buffer) => {
  const flipped = Buffer.from(bytes)
  flipped[at] = (flipped[at] ?? 0) ^ 1
  return flipped
}

async function countRecords(path: string): Promise<{ records: number; lostWrites: number }> {
  const log = createSqliteLog({ path, now: 0 })
  onTestFinished(() => log.close())
  let records = 0
  for await (const { offset } of log.read(0)) records = Math.max(records, offset)
  return { records, lostWrites: log.lostWrites }
}

describe('writes that are lost', () => {
  it('are none after a crash, also when the file has been used many times over', async () => {
    expect(countLostTransactions(join(makeDirectory(), 'none.db'))).toBe(0)
    expect(countLostTransactions(await crashAfter(20))).toBe(0)
    const reused = await crashAfter(900)
    // More was written than the file is large.
    expect(statSync(`${reused}-wal`).size).toBeLessThan(900 * 6000)
    expect(countLostTransactions(reused)).toBe(0)
  })

  it('are none when the last of them was cut off: it may never have been done', async () => {
    const path = await crashAfter(20)
    change(path, bytes => bytes.subarray(0, -10))
    expect(await countRecords(path)).toEqual({ records: 19, lostWrites: 0 })
  })

  it('are those from the one on in which a bit was flipped', async () => {
    const last = await crashAfter(20)
    change(last, bytes => flip(bytes.length - 10)(bytes))
    expect(await countRecords(last)).toEqual({ records: 19, lostWrites: 1 })
    const middle = await crashAfter(20)
    change(middle, bytes => flip(Math.floor(bytes.length * 0.7))(bytes))
    const { records, lostWrites } = await countRecords(middle)
    expect(records + lostWrites).toBe(20)
    expect(lostWrites).toBeGreaterThan(1)
    expect(records).toBeGreaterThan(1)
  })

  it.each([5, 17, 25])('are all when byte %i of the header is wrong', async at => {
    const path = await crashAfter(20)
    const all = countCommits(path)
    change(path, flip(at))
    expect(countLostTransactions(path)).toBe(all)
  })
})

/** A transaction's last frame says how many pages the database has then. */
function countCommits(path: string): number {
  const bytes = readFileSync(`${path}-wal`)
  let commits = 0
  for (let at = 32; at + 4120 <= bytes.length; at += 4120) {
    if (bytes.readUInt32BE(at + 4) > 0) commits++
  }
  return commits
}
