import { deflateSync, inflateSync } from 'node:zlib'
import { createByteReader, createByteWriter } from '../shared/bytes.ts'
import type { LogRecord } from './log.ts'

/** Records that came together, one after the other: they are written, read and forgotten as one. */
export interface Block {
  /** How many there are. */
  readonly count: number
  /** In memory that threads share. */
  readonly bytes: Uint8Array<SharedArrayBuffer>
}

/** Gathers records. */
export interface BlockWriter {
  /** Returns how many bytes it took. */
  add(record: LogRecord): number
  /** Bytes that are gathered. */
  readonly length: number
  /** The records that are gathered; what is added then is of the next block. */
  drain(): Block
  /** Says that nobody reads a block any more, so that another can be where it was. */
  release(block: Block): void
}

/** Most blocks end a little above 64 KiB, as the last record of each passes that. */
const usualBytes = 80 * 1024
/** Pieces of memory that are held for the next blocks, 2.5 MiB. */
const maxHeld = 32

export function createBlockWriter(): BlockWriter {
  const writer = createByteWriter(usualBytes)
  /** All of the usual size. Memory that was used once for every block would be gone only when V8 collects it. */
  const held: SharedArrayBuffer[] = []
  let count = 0

  function memoryFor(length: number): SharedArrayBuffer {
    if (length > usualBytes) return new SharedArrayBuffer(length)
    return held.pop() ?? new SharedArrayBuffer(usualBytes)
  }

  return {
    add({ site, receivedAt, body, decision }) {
      const before = writer.length
      writer.text(site)
      writer.float(receivedAt)
      writer.text(body)
      writer.text(decision)
      count++
      return writer.length - before
    },
    get length() {
      return writer.length
    },
    drain() {
      const bytes = new Uint8Array(memoryFor(writer.length), 0, writer.length)
      bytes.set(writer.view())
      const block = { count, bytes }
      writer.clear()
      count = 0
      return block
    },
    release({ bytes: { buffer } }) {
      if (buffer.byteLength === usualBytes && held.length < maxHeld) held.push(buffer)
    },
  }
}

/** The records of a block, in their order. */
export function* readBlock(bytes: Uint8Array): Generator<LogRecord> {
  const reader = createByteReader(bytes)
  while (!reader.isAtEnd) {
    const site = reader.text()
    const receivedAt = reader.float()
    yield { site, receivedAt, body: reader.text(), decision: reader.text() }
  }
}

/**
 * Bodies and decisions say much the same again and again: a block of many events is a tenth of its size and less,
 * and it is more work to write the rest than to compress it. The format is zlib's (RFC 1950), whose checksum tells of
 * damage.
 */
export function compress(bytes: Uint8Array): Uint8Array {
  return deflateSync(bytes, packing)
}

/** Half the memory that zlib takes by default, in smaller pieces, as these stay until V8 collects them; blocks are larger by two percent at most. */
const packing = { level: 1, windowBits: 14, memLevel: 7, chunkSize: 1024 }

/** @throws {Error} with zlib's code, for bytes that are damaged */
export function decompress(bytes: Uint8Array): Uint8Array {
  return inflateSync(bytes)
}
