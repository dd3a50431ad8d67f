/** Writes values one after the other, in as few bytes as they need. */
export interface ByteWriter {
  /** A whole number from 0 to 2^53 − 1: seven bits in a byte, the low ones first (LEB128). */
  uint(value: number): void
  /** A whole number of either sign: 0, −1, 1, −2, … are written as 0, 1, 2, 3, … */
  int(value: number): void
  /** Any number: its eight bytes, the low one first. */
  float(value: number): void
  /** UTF-8 after its length. */
  text(value: string): void
  /** Bytes after their length. */
  bytes(value: Uint8Array): void
  /** What another has written, as it is. */
  raw(value: Uint8Array): void
  /** How many bytes were written. */
  readonly length: number
  /** A copy of what was written. */
  finish(): Uint8Array
  /** What was written, as it is until more is. */
  view(): Uint8Array
  /** Begins anew, with the room that there is. */
  clear(): void
}

/**
 * Reads values in the order in which they were written.
 * @throws {RangeError} by every method when the bytes end before the value does
 */
export interface ByteReader {
  uint(): number
  int(): number
  float(): number
  text(): string
  /** A view of the bytes that are read, not a copy. */
  bytes(): Uint8Array
  readonly isAtEnd: boolean
}

/** A mark of byte order is a character like any other, and is not to be lost. */
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/** The longest in UTF-8. With room for one more, a text that was cut off is never as long as it has characters. */
const maxCharacterBytes = 4

export function createByteWriter(capacity = 256): ByteWriter {
  let buffer = Buffer.allocUnsafe(capacity)
  let length = 0

  function reserve(more: number): void {
    if (length + more <= buffer.length) return
    const larger = Buffer.allocUnsafe(Math.max(buffer.length * 2, length + more))
    buffer.copy(larger, 0, 0, length)
    buffer = larger
  }

  function uint(value: number): void {
    reserve(8)
    let rest = value
    // Beyond 32 bits the operators on bits, which are faster, lose the high ones.
    while (rest > 0xffffffff) {
      buffer[length++] = (rest % 0x80) | 0x80
      rest = Math.floor(rest / 0x80)
    }
    while (rest >= 0x80) {
      buffer[length++] = (rest & 0x7f) | 0x80
      rest >>>= 7
    }
    buffer[length++] = rest
  }

  function raw(value: Uint8Array): void {
    reserve(value.length)
    buffer.set(value, length)
    length += value.length
  }

  return {
    uint,
    int: value => uint(value < 0 ? -2 * value - 1 : 2 * value),
    float(value) {
      reserve(8)
      length = buffer.writeDoubleLE(value, length)
    },
    text(value) {
      // Mostly it has as many bytes as characters, and to count them first takes longer than to write them.
      reserve(8 + value.length + maxCharacterBytes)
      const start = length
      uint(value.length)
      const written = buffer.write(value, length, value.length + maxCharacterBytes)
      if (written === value.length) {
        length += written
        return
      }
      length = start
      const bytes = Buffer.byteLength(value)
      uint(bytes)
      reserve(bytes)
      length += buffer.write(value, length)
    },
    bytes(value) {
      uint(value.length)
      raw(value)
    },
    raw,
    get length() {
      return length
    },
    finish: () => Uint8Array.prototype.slice.call(buffer, 0, length),
    view: () => buffer.subarray(0, length),
    clear() {
      length = 0
    },
  }
}

export function createByteReader(source: Uint8Array): ByteReader {
  const buffer = Buffer.from(source.buffer, source.byteOffset, source.byteLength)
  let at = 0

  function uint(): number {
    let value = 0
    for (let unit = 1; ; unit *= 0x80) {
      const byte = buffer[at++]
      if (byte === undefined) throw new RangeError('The bytes end before the value does.')
      if (byte < 0x80) return value + byte * unit
      value += (byte & 0x7f) * unit
    }
  }

  function bytes(): Uint8Array {
    const length = uint()
    if (at + length > buffer.length) throw new RangeError('The bytes end before the value does.')
    at += length
    return buffer.subarray(at - length, at)
  }

  return {
    uint,
    int() {
      const value = uint()
      return value % 2 === 0 ? value / 2 : -(value + 1) / 2
    },
    float() {
      at += 8
      return buffer.readDoubleLE(at - 8)
    },
    text: () => decoder.decode(bytes()),
    bytes,
    get isAtEnd() {
      return at >= buffer.length
    },
  }
}
