import { type Hash, createHash } from 'node:crypto'
import type { StoredSegment } from '../log/store.ts'
import { createByteReader, createByteWriter } from '../shared/bytes.ts'

/** Import progress of a log. It identifies the log by its content, not by its name or place. */
export interface ImportCheckpoint {
  readonly id: number
  /** Number of lines in `headDigest`. */
  readonly headLines: number
  /** Digest of the first lines. */
  readonly headDigest: string
  /** Number of imported lines. */
  readonly lines: number
  /** Digest of all imported lines. */
  readonly digest: string
}

export const importCheckpointTable = 'imports'
const checkpointVersion = 1

export function toSegment(checkpoint: ImportCheckpoint): StoredSegment {
  const { id, headLines, headDigest, lines, digest } = checkpoint
  const writer = createByteWriter()
  writer.uint(checkpointVersion)
  writer.uint(headLines)
  writer.text(headDigest)
  writer.uint(lines)
  writer.text(digest)
  return { table: importCheckpointTable, id, bytes: writer.finish() }
}

/** @throws {RangeError} for a checkpoint of an unknown version */
export function toImportCheckpoints(stored: readonly StoredSegment[]): ImportCheckpoint[] {
  return stored.flatMap(({ id, bytes }) => {
    if (!bytes) return []
    const reader = createByteReader(bytes)
    const version = reader.uint()
    if (version !== checkpointVersion) {
      throw new RangeError(
        `An import checkpoint has the unknown version ${version}. Import with the Tidemark version that wrote it, or a newer one.`,
      )
    }
    const [headLines, headDigest] = [reader.uint(), reader.text()]
    return [{ id, headLines, headDigest, lines: reader.uint(), digest: reader.text() }]
  })
}

/**
 * Returns the checkpoint of the log that starts with these lines; the one with the longest head if there are several.
 */
export function findImportCheckpoint(
  checkpoints: readonly ImportCheckpoint[],
  firstLines: readonly (string | undefined)[],
): ImportCheckpoint | undefined {
  return checkpoints
    .filter(({ headLines }) => headLines <= firstLines.length)
    .toSorted((a, b) => b.headLines - a.headLines)
    .find(({ headLines, headDigest }) => headDigest === digestOf(firstLines.slice(0, headLines)))
}

export function digestOf(lines: readonly (string | undefined)[]): string {
  const digest = createLineDigest()
  for (const line of lines) digest.add(line)
  return digest.value()
}

/** Running digest of lines. `value` returns the digest of the lines added so far. */
export interface LineDigest {
  add(text: string | undefined): void
  value(): string
}

/** Characters per call of the hash function. Larger blocks amortize the cost of the call. */
const blockLength = 16_384

export function createLineDigest(): LineDigest {
  const hash: Hash = createHash('sha256')
  let block = ''

  function flush(): void {
    hash.update(block)
    block = ''
  }

  return {
    add(text = '') {
      block += `${text}\n`
      if (block.length >= blockLength) flush()
    },
    value() {
      flush()
      return hash.copy().digest('base64url')
    },
  }
}
