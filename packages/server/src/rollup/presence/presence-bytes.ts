import type { ByteReader, ByteWriter } from '../../shared/bytes.ts'
import type { CooperativeTask } from '../../shared/cooperative-task.ts'
import type { Hash } from '../sketch/hash.ts'
import type { LinkedRows } from '../table/linked-rows.ts'

/*
 * Encoding of the active visitors. First the visitors, least recently active first: key, one name per field in the
 * order of `presenceFields`, and time of the last activity. Then the leaving visitors: key and end time.
 *
 * A change of these bytes, for example by a new field, needs another `stateVersion`; see `site-head.ts`.
 */

/** Visitor rows, least recently active first. Each word of a row is the id of a name in the ranking of that field. */
export type PresenceRows = Pick<LinkedRows, 'first' | 'after' | 'high' | 'low' | 'time' | 'word'>

export interface PresenceSource {
  size: number
  rows: PresenceRows
  /** For each field, the names by their ids. */
  names: readonly (readonly string[])[]
  /** Rows that end early, each with its end time. */
  leaving: readonly (readonly [row: number, endsAt: number])[]
}

/** Rows written in one step, which takes a few microseconds. */
const rowsPerStep = 32

export function* writePresence(
  writer: ByteWriter,
  { size, rows, names, leaving }: PresenceSource,
): CooperativeTask<void> {
  const writeNames = names.map(texts => createNameWriter(writer, texts))
  const writeKey = (row: number): void => {
    writer.uint(rows.high(row))
    writer.uint(rows.low(row))
  }
  writer.uint(size)
  let written = 0
  for (let row = rows.first(); row >= 0; row = rows.after(row)) {
    writeKey(row)
    for (let field = 0; field < writeNames.length; field++)
      writeNames[field]?.(rows.word(row, field))
    writer.uint(rows.time(row))
    if (++written % rowsPerStep === 0) yield
  }
  writer.uint(leaving.length)
  for (const [row, endsAt] of leaving) {
    writeKey(row)
    writer.uint(endsAt)
  }
}

/** Receives the decoded visitors in the order of the bytes. */
export interface PresenceTarget {
  addVisitor(visitor: Hash, names: readonly string[], activeAt: number): void
  addLeaving(visitor: Hash, endsAt: number): void
}

/**
 * Reads the bytes of `writePresence`.
 * @param fields number of names per visitor
 */
export function readPresence(reader: ByteReader, fields: number, target: PresenceTarget): void {
  const readVisitor = (): Hash => ({ high: reader.uint(), low: reader.uint() })
  const readNames = Array.from({ length: fields }, () => createNameReader(reader))
  for (let remaining = reader.uint(); remaining > 0; remaining--) {
    const visitor = readVisitor()
    const names = readNames.map(readName => readName())
    target.addVisitor(visitor, names, reader.uint())
  }
  for (let remaining = reader.uint(); remaining > 0; remaining--)
    target.addLeaving(readVisitor(), reader.uint())
}

/**
 * Creates a function that writes a name as an index: its position in the order of first use. The text follows the
 * index only when the name is written for the first time.
 */
function createNameWriter(writer: ByteWriter, names: readonly string[]): (id: number) => void {
  const indexes = new Map<number, number>()
  return id => {
    const index = indexes.get(id) ?? indexes.size
    writer.uint(index)
    if (index < indexes.size) return
    writer.text(names[id] ?? '')
    indexes.set(id, index)
  }
}

function createNameReader(reader: ByteReader): () => string {
  const names: string[] = []
  return () => {
    const index = reader.uint()
    if (index === names.length) names.push(reader.text())
    return names[index] ?? ''
  }
}
