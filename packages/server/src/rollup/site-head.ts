import type { OverflowCounts } from './bounds.ts'
import type { ByteReader, ByteWriter } from '../shared/bytes.ts'
import type { Tiers } from './history/tiers.ts'

/**
 * The first number of a state's bytes. Version 1 had the visitors who are here by their ids; with versions 1 and
 * 2 the rows of clients and sessions had 32 bytes; before 4 seconds knew no sessions and no bots. A state of a number that is not known was written by a newer
 * Tidemark.
 */
const stateVersion = 4

/** What the bytes of a state begin with. */
export interface Head {
  now: number
  closedBefore: Tiers['closedBefore']
  overflow: OverflowCounts
}

export function writeHead(writer: ByteWriter, { now, closedBefore, overflow }: Head): void {
  writer.uint(stateVersion)
  writer.uint(now)
  writer.uint(closedBefore.hour)
  writer.uint(closedBefore.day)
  writer.text(JSON.stringify([...overflow].toSorted(([a], [b]) => (a < b ? -1 : 1))))
}

/** @throws {RangeError} when another Tidemark has written it */
export function readHead(reader: ByteReader): Head & { version: number } {
  const version = reader.uint()
  if (version < 1 || version > stateVersion) {
    throw new RangeError(
      `The state of a site is of version ${version}, and known is ${stateVersion}.`,
    )
  }
  const now = reader.uint()
  const closedBefore = { hour: reader.uint(), day: reader.uint() }
  // It was written by `writeHead`, so it is what it says.
  const overflow: OverflowCounts = new Map(JSON.parse(reader.text()) as [])
  return { version, now, closedBefore, overflow }
}
