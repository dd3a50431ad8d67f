import type { ByteReader, ByteWriter } from '../shared/bytes.ts'
import type { OverflowCounts } from './bounds.ts'
import type { ClosedBefore } from './history/close-points.ts'

/**
 * Version of a site's checkpoint; the first number of the encoded state. Increase it with each change of the bytes of
 * the state, the table segments or the bucket parts; then update the fixture of `site-checkpoint-bytes.test.ts`, which
 * fails until then.
 */
export const stateVersion = 8

/** The first fields of an encoded site state. */
export interface SiteHead {
  /** Time of the checkpoint, in milliseconds since 1970. */
  now: number
  closedBefore: ClosedBefore
  overflow: OverflowCounts
}

export function writeHead(writer: ByteWriter, { now, closedBefore, overflow }: SiteHead): void {
  writer.uint(stateVersion)
  writer.uint(now)
  writer.uint(closedBefore.hour)
  writer.uint(closedBefore.day)
  writer.text(JSON.stringify([...overflow].toSorted(([a], [b]) => (a < b ? -1 : 1))))
}

/**
 * Reads the head of an encoded site state.
 * @throws {RangeError} when another version of Tidemark has written the state
 */
export function readHead(reader: ByteReader): SiteHead {
  const version = reader.uint()
  if (version !== stateVersion) {
    throw new RangeError(
      `The stored site state has version ${version}, but this Tidemark reads version ${stateVersion} only. ` +
        'Run the Tidemark release that wrote the data directory, or start with an empty one.',
    )
  }
  const now = reader.uint()
  const closedBefore = { hour: reader.uint(), day: reader.uint() }
  // `writeHead` wrote the text, so its type is known.
  const overflow: OverflowCounts = new Map(JSON.parse(reader.text()) as [])
  return { now, closedBefore, overflow }
}
