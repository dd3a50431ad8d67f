import { deflateSync, inflateSync } from 'node:zlib'
import { createByteReader, createByteWriter } from '../bytes.ts'
import type { LogRecord } from './log.ts'

/** Records that came together, one after the other: they are written, read and forgotten as one. */
export interface Block {
  /** How many there are. */
  readonly count: number
  readonly bytes: Uint8Array<ArrayBuffer>
}

/** Gathers records. */
export interface BlockWriter {
  /** Returns how many bytes it took. */
  add(record: LogRecord): number
  /** Of the records that are gathered. */
  readonly length: number
  /** The records that are gathered; what is added then is of the next block. */
  take(): Block
}

export function createBlockWriter(): BlockWriter {
  const writer = createByteWriter(64 * 1024)
  let count = 0
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
    take() {
      const block = { count, bytes: writer.finish() }
      writer.clear()
      count = 0
      return block
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
 * Bodies and decisions say much the same again and again: a block is a tenth of its size and less, which
 * is less to write than it is work to compress. The format is zlib's (RFC 1950), whose checksum tells of damage.
 */
export function pack(bytes: Uint8Array): Uint8Array {
  return deflateSync(bytes, { level: 1 })
}

/** @throws {Error} with zlib's code, for bytes that are damaged */
export function unpack(bytes: Uint8Array): Uint8Array {
  return inflateSync(bytes)
}
