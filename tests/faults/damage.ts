import { randomInt } from 'node:crypto'
import { closeSync, openSync, readFileSync, readSync, truncateSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { Damage } from './crashes.ts'

/** A frame of the write-ahead log: one page of the database (https://www.sqlite.org/fileformat2.html#walformat). */
interface Frame {
  /** Position in the log, in bytes. */
  readonly offset: number
  /** Whether the frame ends a transaction. */
  readonly isCommit: boolean
}

const headerBytes = 32
const frameHeaderBytes = 24
const frameBytes = frameHeaderBytes + 4096
const noDamage: Damage = { lostWrites: 0, isReported: () => true }
/** Number of frames at the end of the log that can be damaged. */
const tailFrames = 6

/** Reads the valid frames: those with the salt of the log's header. */
function readFrames(path: string): Frame[] {
  const bytes = readFileSync(path)
  const salt = bytes.subarray(16, 24)
  const frames: Frame[] = []
  for (let offset = headerBytes; offset + frameBytes <= bytes.length; offset += frameBytes) {
    if (!bytes.subarray(offset + 8, offset + 16).equals(salt)) break
    frames.push({ offset, isCommit: bytes.readUInt32BE(offset + 4) > 0 })
  }
  return frames
}

/**
 * Picks one of the last frames that exist only in the log. Frames that SQLite has copied into the database are safe;
 * the log's index, in the `-shm` file, has their number.
 */
function pickFrame(path: string, frames: readonly Frame[]): Frame | undefined {
  const copied = readFileSync(path.replace(/-wal$/, '-shm')).readUInt32LE(96)
  return frames.slice(copied).at(-randomInt(1, tailFrames + 1))
}

function countCommitsFrom(frames: readonly Frame[], offset: number): number {
  return frames.filter(frame => frame.offset >= offset && frame.isCommit).length
}

const logOf = (dataDir: string): string => join(dataDir, 'tidemark.db-wal')

/** Truncates the log within its last frames. */
export function truncateLog(dataDir: string): Damage {
  const path = logOf(dataDir)
  const frames = readFrames(path)
  const cut = pickFrame(path, frames)
  if (!cut) return noDamage
  const remainingBytes = randomInt(2) * randomInt(frameBytes)
  truncateSync(path, cut.offset + remainingBytes)
  const before = frames[frames.indexOf(cut) - 1]
  // A log that ends after a commit looks complete, so SQLite cannot notice the lost writes.
  const isClean = (before?.isCommit ?? true) && remainingBytes < frameHeaderBytes
  return {
    lostWrites: countCommitsFrom(frames, cut.offset),
    isReported: ({ isTorn }) => isTorn || isClean,
  }
}

/** Flips a bit in the page of one of the last frames of the log. */
export function flipLogBit(dataDir: string): Damage {
  const path = logOf(dataDir)
  const frames = readFrames(path)
  const hit = pickFrame(path, frames)
  if (!hit) return noDamage
  const offset = hit.offset + frameHeaderBytes + randomInt(4096)
  const file = openSync(path, 'r+')
  const byte = Buffer.alloc(1)
  readSync(file, byte, 0, 1, offset)
  writeSync(file, Buffer.from([(byte[0] ?? 0) ^ (1 << randomInt(8))]), 0, 1, offset)
  closeSync(file)
  const lostWrites = countCommitsFrom(frames, hit.offset)
  return { lostWrites, isReported: recovery => recovery.lostWrites === lostWrites }
}
