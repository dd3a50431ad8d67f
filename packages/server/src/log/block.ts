import { deflateSync, inflateSync } from 'node:zlib'
import { createByteReader, createByteWriter } from '../shared/bytes.ts'
import type { LogRecord } from './log.ts'

/** Consecutive records in encoded form. A block is written, read and deleted as a unit. */
export interface Block {
  /** Number of records. */
  readonly count: number
  /** Encoded records, in memory that threads share. */
  readonly bytes: Uint8Array<SharedArrayBuffer>
}

/** Encodes records into blocks. */
export interface BlockWriter {
  /** Adds a record, and returns the number of bytes that it takes. */
  add(record: LogRecord): number
  /** Size of the current block, in bytes. */
  readonly length: number
  /** Returns the current block, and starts the next one. */
  drain(): Block
  /** Releases the memory of a block that is no longer read. A later block reuses it. */
  release(block: Block): void
}

/** Usual buffer size. Most blocks end slightly above 64 KiB, because their last record passes that size. */
const bufferBytes = 80 * 1024
/** Buffers that are retained for later blocks: 2.5 MiB. */
const maxSpareBuffers = 32

export function createBlockWriter(): BlockWriter {
  const writer = createByteWriter(bufferBytes)
  /** Released buffers of the usual size. Without reuse, V8 would free each buffer late, at a garbage collection. */
  const spareBuffers: SharedArrayBuffer[] = []
  let count = 0

  function allocate(length: number): SharedArrayBuffer {
    if (length > bufferBytes) return new SharedArrayBuffer(length)
    return spareBuffers.pop() ?? new SharedArrayBuffer(bufferBytes)
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
      const bytes = new Uint8Array(allocate(writer.length), 0, writer.length)
      bytes.set(writer.view())
      const block = { count, bytes }
      writer.clear()
      count = 0
      return block
    },
    release({ bytes: { buffer } }) {
      const isReusable = buffer.byteLength === bufferBytes && spareBuffers.length < maxSpareBuffers
      if (isReusable) spareBuffers.push(buffer)
    },
  }
}

/** Decodes the records of a block, in order. */
export function* readBlock(bytes: Uint8Array): Generator<LogRecord> {
  const reader = createByteReader(bytes)
  while (!reader.isAtEnd) {
    const site = reader.text()
    const receivedAt = reader.float()
    yield { site, receivedAt, body: reader.text(), decision: reader.text() }
  }
}

/**
 * Compresses a block. Bodies and decisions repeat the same text, so a block of many events shrinks to a tenth or less,
 * and compressing it takes less time than writing the rest would. The format is zlib (RFC 1950); its checksum detects
 * damage.
 */
export function compress(bytes: Uint8Array): Uint8Array {
  return deflateSync(bytes, compression)
}

/**
 * Halves zlib's default memory and allocates it in smaller chunks, because V8 frees them late. Blocks grow by at most
 * two percent.
 */
const compression = { level: 1, windowBits: 14, memLevel: 7, chunkSize: 1024 }

/** @throws {Error} with zlib's code when the bytes are damaged */
export function decompress(bytes: Uint8Array): Uint8Array {
  return inflateSync(bytes)
}
