import { readFileSync, statSync } from 'node:fs'
import type { Damage } from './log.ts'

/*
 * The format of SQLite's write-ahead log: https://www.sqlite.org/fileformat2.html#walformat
 */

const headerBytes = 32
const frameHeaderBytes = 24
/** SQLite's default page size. */
const defaultPageBytes = 4096
/** A larger file is not inspected. SQLite limits it to about 4 MB, except for a larger single checkpoint. */
const maxBytes = 1024 * 1024 * 1024
/** The first four bytes. The lowest bit is set when checksums use big-endian numbers. */
const magic = 0x377f0682

const none: Readonly<Damage> = { lostWrites: 0, isTorn: false }

/**
 * Counts the committed transactions that are lost in a database's write-ahead log, and detects an incomplete
 * transaction at its end. Call it before SQLite opens the database: SQLite reads the file up to the first frame with a
 * wrong checksum, and does not report the rest.
 *
 * A crash leaves at most an incomplete transaction there. A lost committed transaction means that the machine lost
 * power, or that its disk fails. (A process that is killed between two writes of a commit may leave a transaction that
 * looks committed; it was never acknowledged.)
 */
export function inspectWriteAheadLog(databasePath: string): Readonly<Damage> {
  const path = `${databasePath}-wal`
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0
  if (size === 0 || size > maxBytes) return none
  const bytes = readFileSync(path)
  // SQLite ignores a file with an incomplete or invalid header.
  if (bytes.length < headerBytes) return { lostWrites: 0, isTorn: true }
  const pageBytes = bytes.readUInt32BE(8)
  const isBigEndian = bytes.readUInt32BE(0) === magic + 1
  const checksum = createChecksum(isBigEndian)
  checksum.add(bytes.subarray(0, 24))
  const hasHeader =
    (isBigEndian || bytes.readUInt32BE(0) === magic) &&
    checksum.matches(bytes.subarray(24, headerBytes))
  const frameBytes = frameHeaderBytes + (hasHeader ? pageBytes : defaultPageBytes)
  const salt = hasHeader ? bytes.subarray(16, 24) : lastSalt(bytes, frameBytes)
  // Frames of an earlier generation of the file have another salt.
  const isCurrent = (frame: Buffer): boolean => frame.subarray(8, 16).equals(salt)
  let isBroken = !hasHeader
  let lostWrites = 0
  let isTorn = false
  let offset = headerBytes
  for (; offset + frameBytes <= bytes.length; offset += frameBytes) {
    const frame = bytes.subarray(offset, offset + frameBytes)
    if (!isCurrent(frame)) {
      isBroken = true
      continue
    }
    if (!isBroken) {
      checksum.add(frame.subarray(0, 8))
      checksum.add(frame.subarray(frameHeaderBytes))
      isBroken = !checksum.matches(frame.subarray(16, 24))
    }
    const isCommit = frame.readUInt32BE(4) > 0
    if (isBroken && isCommit) lostWrites++
    isTorn = !isCommit
  }
  const rest = bytes.subarray(offset)
  isTorn ||= rest.length >= 16 && isCurrent(rest)
  // The file has content, so at least one write is lost with an invalid header.
  return { lostWrites: hasHeader ? lostWrites : Math.max(1, lostWrites), isTorn }
}

/** Returns the salt of the last complete frame, for a file with an invalid header. */
function lastSalt(bytes: Buffer, frameBytes: number): Buffer {
  const frames = Math.floor((bytes.length - headerBytes) / frameBytes)
  const last = headerBytes + Math.max(0, frames - 1) * frameBytes
  return bytes.subarray(last + 8, last + 16)
}

/** Computes SQLite's cumulative checksum: two sums, each of which is added to the other. */
function createChecksum(isBigEndian: boolean) {
  let first = 0
  let second = 0
  return {
    /** @param bytes their number is a multiple of 8 */
    add(bytes: Buffer): void {
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
      for (let offset = 0; offset < bytes.length; offset += 8) {
        first = (first + view.getUint32(offset, !isBigEndian) + second) >>> 0
        second = (second + view.getUint32(offset + 4, !isBigEndian) + first) >>> 0
      }
    },
    matches: (bytes: Buffer): boolean =>
      bytes.readUInt32BE(0) === first && bytes.readUInt32BE(4) === second,
  }
}
