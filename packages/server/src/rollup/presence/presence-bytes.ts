import type { ByteReader, ByteWriter } from '../../shared/bytes.ts'
import { type Hash, hash64 } from '../sketch/hash.ts'
import type { CooperativeTask } from '../../shared/cooperative-task.ts'
import type { LinkedRows } from '../table/linked-rows.ts'

/*
 * Who is here, as bytes: each visitor with the names of what they are counted by and when they were seen, those
 * seen longest ago first; then those who are leaving.
 */

/** Rows in the order in which they were seen. The words of each are the numbers of its names. */
export type PresenceRows = Pick<LinkedRows, 'first' | 'after' | 'high' | 'low' | 'time' | 'word'>

export interface WrittenPresence {
  size: number
  rows: PresenceRows
  /** For each word, the names by their numbers. */
  names: readonly (readonly string[])[]
  /** Rows that end before their time, and when. */
  leaving: readonly (readonly [row: number, endsAt: number])[]
}

/** Rows that are written in one step: a few microseconds of work. */
const rowsInStep = 32

export function* writePresence(
  writer: ByteWriter,
  { size, rows, names, leaving }: WrittenPresence,
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
    if (++written % rowsInStep === 0) yield
  }
  writer.uint(leaving.length)
  for (const [row, endsAt] of leaving) {
    writeKey(row)
    writer.uint(endsAt)
  }
}

export interface PresenceReading {
  visitor(visitor: Hash, names: readonly string[], seenAt: number): void
  leaving(visitor: Hash, endsAt: number): void
}

/** Reads what was written, of this version of a state or an earlier one. Each visitor has `width` names. */
export function readPresence(
  reader: ByteReader,
  version: number,
  width: number,
  take: PresenceReading,
): void {
  // Version 1 of a state has visitors by their ids, and names in full.
  const readVisitor = (): Hash =>
    version === 1 ? hash64(reader.text()) : { high: reader.uint(), low: reader.uint() }
  const readNames = Array.from({ length: width }, () =>
    version === 1 ? reader.text : createNameReader(reader),
  )
  for (let left = reader.uint(); left > 0; left--) {
    const visitor = readVisitor()
    const names = readNames.map(readName => readName())
    take.visitor(visitor, names, reader.uint())
  }
  for (let left = reader.uint(); left > 0; left--) take.leaving(readVisitor(), reader.uint())
}

/** Writes a name by its place among those that were written, and its text when it is a new one. */
function createNameWriter(writer: ByteWriter, names: readonly string[]): (number: number) => void {
  const places = new Map<number, number>()
  return number => {
    const place = places.get(number) ?? places.size
    writer.uint(place)
    if (place < places.size) return
    writer.text(names[number] ?? '')
    places.set(number, place)
  }
}

function createNameReader(reader: ByteReader): () => string {
  const names: string[] = []
  return () => {
    const number = reader.uint()
    if (number === names.length) names.push(reader.text())
    return names[number] ?? ''
  }
}
