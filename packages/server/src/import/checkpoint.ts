import { type Hash, createHash } from 'node:crypto'
import type { StoredSegment } from '../log/store.ts'
import { createByteReader, createByteWriter } from '../shared/bytes.ts'

/** How far a log was imported, and by what it is known again: its content, and neither its name nor its place. */
export interface ImportCheckpoint {
  readonly id: number
  /** A digest of the first lines. */
  readonly headLines: number
  readonly head: string
  /** A digest of all lines that were imported. */
  readonly lines: number
  readonly digest: string
}

export const importCheckpointTable = 'imports'
const checkpointVersion = 1

export function toSegment({ id, headLines, head, lines, digest }: ImportCheckpoint): StoredSegment {
  const writer = createByteWriter()
  writer.uint(checkpointVersion)
  writer.uint(headLines)
  writer.text(head)
  writer.uint(lines)
  writer.text(digest)
  return { table: importCheckpointTable, id, bytes: writer.finish() }
}

/** @throws {RangeError} for a mark that another Tidemark has written */
export function toImportCheckpoints(stored: readonly StoredSegment[]): ImportCheckpoint[] {
  return stored.flatMap(({ id, bytes }) => {
    if (!bytes) return []
    const reader = createByteReader(bytes)
    const version = reader.uint()
    if (version !== checkpointVersion) throw new RangeError(`A mark is of version ${version}.`)
    const [headLines, head] = [reader.uint(), reader.text()]
    return [{ id, headLines, head, lines: reader.uint(), digest: reader.text() }]
  })
}

/** The mark of the log that begins with these lines. */
export function findImportCheckpoint(
  marks: readonly ImportCheckpoint[],
  head: readonly (string | undefined)[],
): ImportCheckpoint | undefined {
  return marks
    .filter(mark => mark.headLines <= head.length)
    .toSorted((a, b) => b.headLines - a.headLines)
    .find(mark => mark.head === digestOf(head.slice(0, mark.headLines)))
}

export function digestOf(lines: readonly (string | undefined)[]): string {
  const digest = createLineDigest()
  for (const line of lines) digest.add(line)
  return digest.value()
}

/** A digest of lines that may be asked for at any of them. */
export interface LineDigest {
  add(text: string | undefined): void
  value(): string
}

/** So many characters are hashed at once, as each call takes a while. */
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
