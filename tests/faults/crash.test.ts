import { randomBytes } from 'node:crypto'
import { closeSync, openSync, readSync, statSync, truncateSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { surviveCrashes } from './crashes.ts'

const timeoutMs = 60_000

/** A place in the last of what was written: the end of the write-ahead log. */
function placeIn(dataDir: string): { path: string; at: number; size: number } {
  const path = join(dataDir, 'tidemark.db-wal')
  const { size } = statSync(path)
  const tail = Math.min(size, 20_000)
  return { path, size, at: size - 1 - (randomBytes(4).readUInt32LE() % Math.max(1, tail)) }
}

it(
  'kill -9 at random moments of ingest and checkpoint: every event that got 202 is counted once, none twice',
  { timeout: timeoutMs },
  async () => {
    const { sent, counted } = await surviveCrashes(8)
    expect(counted).toBe(sent)
  },
)

it(
  'a torn tail of the log: what is before it is counted once, and what was lost when it comes again',
  { timeout: timeoutMs },
  async () => {
    const { sent, counted } = await surviveCrashes(3, dataDir => {
      const { path, at } = placeIn(dataDir)
      truncateSync(path, at)
    })
    expect(counted).toBe(sent)
  },
)

it(
  'a flipped bit in the tail of the log: what is before it is counted once, and what was lost when it comes again',
  { timeout: timeoutMs },
  async () => {
    const { sent, counted } = await surviveCrashes(3, dataDir => {
      const { path, at } = placeIn(dataDir)
      const file = openSync(path, 'r+')
      const byte = Buffer.alloc(1)
      readSync(file, byte, 0, 1, at)
      writeSync(file, Buffer.from([(byte[0] ?? 0) ^ 1]), 0, 1, at)
      closeSync(file)
    })
    expect(counted).toBe(sent)
  },
)
