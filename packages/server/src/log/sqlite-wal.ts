import { readFileSync, statSync } from 'node:fs'
import type { Damage } from './log.ts'

/*
 * The format of SQLite's write-ahead log: https://www.sqlite.org/fileformat2.html#walformat
 */

const headerBytes = 32
const frameHeaderBytes = 24
/** Of a database that was made with SQLite's defaults. */
const usualPageBytes = 4096
/** One that is larger is not looked at; SQLite keeps it at 4 MB, but for a checkpoint that is larger. */
const maxBytes = 1024 * 1024 * 1024
/** What it begins with; the lowest bit says whether its checksums are of big-endian numbers. */
const magic = 0x377f0682

const none: Readonly<Damage> = { lostWrites: 0, isTorn: false }

/**
 * Says which transactions of a database's write-ahead log were committed and are lost, and whether it ends in one that
 * is not whole. To be asked before SQLite opens the database: it takes the log up to the first frame whose checksum is
 * wrong, and says nothing of what comes after. A crash leaves an unfinished transaction there at most, so one that was
 * committed says that the machine lost power, or that its disk fails. (Killed between two writes of a commit, a process
 * may leave one that looks committed and is not; nobody was told of it.)
 */
export function inspectWriteAheadLog(databasePath: string): Readonly<Damage> {
  const path = `${databasePath}-wal`
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0
  if (size === 0 || size > maxBytes) return none
  const bytes = readFileSync(path)
  // SQLite takes nothing of one whose header is not whole or not right.
  if (bytes.length < headerBytes) return { lostWrites: 0, isTorn: true }
  const pageBytes = bytes.readUInt32BE(8)
  const isBigEndian = bytes.readUInt32BE(0) === magic + 1
  const checksum = createChecksum(isBigEndian)
  checksum.add(bytes.subarray(0, 24))
  const hasHeader =
    (isBigEndian || bytes.readUInt32BE(0) === magic) && checksum.is(bytes.subarray(24, headerBytes))
  const frameBytes = frameHeaderBytes + (hasHeader ? pageBytes : usualPageBytes)
  const salt = hasHeader ? bytes.subarray(16, 24) : saltOfLast(bytes, frameBytes)
  // What is left of an earlier round has other salts.
  const isOfThisRound = (frame: Buffer): boolean => frame.subarray(8, 16).equals(salt)
  let isBroken = !hasHeader
  let lostWrites = 0
  let isTorn = false
  let at = headerBytes
  for (; at + frameBytes <= bytes.length; at += frameBytes) {
    const frame = bytes.subarray(at, at + frameBytes)
    if (!isOfThisRound(frame)) {
      isBroken = true
      continue
    }
    if (!isBroken) {
      checksum.add(frame.subarray(0, 8))
      checksum.add(frame.subarray(frameHeaderBytes))
      isBroken = !checksum.is(frame.subarray(16, 24))
    }
    const isCommit = frame.readUInt32BE(4) > 0
    if (isBroken && isCommit) lostWrites++
    isTorn = !isCommit
  }
  const rest = bytes.subarray(at)
  isTorn ||= rest.length >= 16 && isOfThisRound(rest)
  // There was something, or there would be no such file.
  return { lostWrites: hasHeader ? lostWrites : Math.max(1, lostWrites), isTorn }
}

/** The salts of the last whole frame, where the header has none that can be believed. */
function saltOfLast(bytes: Buffer, frameBytes: number): Buffer {
  const frames = Math.floor((bytes.length - headerBytes) / frameBytes)
  const last = headerBytes + Math.max(0, frames - 1) * frameBytes
  return bytes.subarray(last + 8, last + 16)
}

/** The checksum of all that was added so far: two sums, each of which feeds the other. */
function createChecksum(isBigEndian: boolean) {
  let first = 0
  let second = 0
  return {
    /** @param bytes a multiple of 8 of them */
    add(bytes: Buffer): void {
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
      for (let at = 0; at < bytes.length; at += 8) {
        first = (first + view.getUint32(at, !isBigEndian) + second) >>> 0
        second = (second + view.getUint32(at + 4, !isBigEndian) + first) >>> 0
      }
    },
    is: (bytes: Buffer): boolean =>
      bytes.readUInt32BE(0) === first && bytes.readUInt32BE(4) === second,
  }
}
