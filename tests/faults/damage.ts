import { randomInt } from 'node:crypto'
import { closeSync, openSync, readFileSync, readSync, truncateSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { Damage } from './crashes.ts'

/** A page of the database in its write-ahead log (https://www.sqlite.org/fileformat2.html#walformat). */
interface Frame {
  readonly at: number
  /** Whether it ends a write. */
  readonly isCommit: boolean
}

const headerBytes = 32
const frameHeaderBytes = 24
const frameBytes = frameHeaderBytes + 4096
const noDamage: Damage = { lostWrites: 0, isReported: () => true }
/** How many of the last pages are harmed. */
const tailFrames = 6

/** What was written since the log last began anew. */
function readFrames(path: string): Frame[] {
  const bytes = readFileSync(path)
  const salt = bytes.subarray(16, 24)
  const frames: Frame[] = []
  for (let at = headerBytes; at + frameBytes <= bytes.length; at += frameBytes) {
    if (!bytes.subarray(at + 8, at + 16).equals(salt)) break
    frames.push({ at, isCommit: bytes.readUInt32BE(at + 4) > 0 })
  }
  return frames
}

/**
 * One of the last pages that may be lost: those that were copied into the database were safe on the disk before,
 * and the log's index, in the file beside it, says how many these are.
 */
function pickFrame(path: string, frames: readonly Frame[]): Frame | undefined {
  const copied = readFileSync(path.replace(/-wal$/, '-shm')).readUInt32LE(96)
  return frames.slice(copied).at(-randomInt(1, tailFrames + 1))
}

function commitsFrom(frames: readonly Frame[], at: number): number {
  return frames.filter(frame => frame.at >= at && frame.isCommit).length
}

const logOf = (dataDir: string): string => join(dataDir, 'tidemark.db-wal')

/** Cuts the log off somewhere in its last pages. */
export function truncateLog(dataDir: string): Damage {
  const path = logOf(dataDir)
  const frames = readFrames(path)
  const cut = pickFrame(path, frames)
  if (!cut) return noDamage
  const kept = randomInt(2) * randomInt(frameBytes)
  truncateSync(path, cut.at + kept)
  const before = frames[frames.indexOf(cut) - 1]
  // Where a write ends it is as if there had been no other.
  const isClean = (before?.isCommit ?? true) && kept < frameHeaderBytes
  return { lostWrites: commitsFrom(frames, cut.at), isReported: ({ isTorn }) => isTorn || isClean }
}

/** Flips a bit in one of the last pages of the log. */
export function flipLogBit(dataDir: string): Damage {
  const path = logOf(dataDir)
  const frames = readFrames(path)
  const hit = pickFrame(path, frames)
  if (!hit) return noDamage
  const at = hit.at + frameHeaderBytes + randomInt(4096)
  const file = openSync(path, 'r+')
  const byte = Buffer.alloc(1)
  readSync(file, byte, 0, 1, at)
  writeSync(file, Buffer.from([(byte[0] ?? 0) ^ (1 << randomInt(8))]), 0, 1, at)
  closeSync(file)
  const lostWrites = commitsFrom(frames, hit.at)
  return { lostWrites, isReported: recovery => recovery.lostWrites === lostWrites }
}
