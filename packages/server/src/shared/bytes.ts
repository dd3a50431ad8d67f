/** Writes values one after the other in a compact binary format. */
export interface ByteWriter {
  /** Writes an integer from 0 to 2^53 − 1 as LEB128: seven bits per byte, low bits first. */
  uint(value: number): void
  /** Writes a signed integer in zigzag order: 0, −1, 1, −2, … become 0, 1, 2, 3, … of `uint`. */
  int(value: number): void
  /** Writes a double: eight bytes, little-endian. */
  float(value: number): void
  /** Writes the length in bytes, then the text as UTF-8. */
  text(value: string): void
  /** Writes the length, then the bytes. */
  bytes(value: Uint8Array): void
  /** Writes bytes without their length; for example the output of another writer. */
  raw(value: Uint8Array): void
  /** Number of bytes written. */
  readonly length: number
  /** Returns a copy of the written bytes. */
  finish(): Uint8Array
  /** Returns the written bytes without copying them. The next write or `clear` invalidates them. */
  view(): Uint8Array
  /** Removes the written bytes, and keeps the allocated memory. */
  clear(): void
}

/**
 * Reads the values of a `ByteWriter`, in the order in which they were written.
 * @throws {RangeError} from every method when the bytes end before the value does
 */
export interface ByteReader {
  uint(): number
  int(): number
  float(): number
  text(): string
  /** Reads the bytes that `ByteWriter.bytes` wrote. Returns a view of the source, not a copy. */
  bytes(): Uint8Array
  readonly isAtEnd: boolean
}

// The decoder keeps a byte order mark at the start of a text, as any other character.
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/**
 * Longest UTF-8 encoding of a character, in bytes. `text` first allows a text this many bytes more than it has UTF-16
 * units. Node.js writes whole characters only, so a text that is cut off there still has more bytes than units.
 */
const maxCharacterBytes = 4

/** @param capacity bytes to allocate at first; the buffer grows as needed */
export function createByteWriter(capacity = 256): ByteWriter {
  let buffer = Buffer.allocUnsafe(capacity)
  let length = 0

  function reserve(size: number): void {
    if (length + size <= buffer.length) return
    const larger = Buffer.allocUnsafe(Math.max(buffer.length * 2, length + size))
    buffer.copy(larger, 0, 0, length)
    buffer = larger
  }

  function uint(value: number): void {
    reserve(8)
    let rest = value
    // Bitwise operators are faster, but lose the bits beyond 32.
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
      // Most texts are ASCII. Writing at once and checking the length is faster than counting the bytes first.
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

const truncated = 'The bytes end before the value does: they are truncated or have another format.'

export function createByteReader(source: Uint8Array): ByteReader {
  const buffer = Buffer.from(source.buffer, source.byteOffset, source.byteLength)
  let offset = 0

  function uint(): number {
    let value = 0
    for (let unit = 1; ; unit *= 0x80) {
      const byte = buffer[offset++]
      if (byte === undefined) throw new RangeError(truncated)
      if (byte < 0x80) return value + byte * unit
      value += (byte & 0x7f) * unit
    }
  }

  function bytes(): Uint8Array {
    const length = uint()
    if (offset + length > buffer.length) throw new RangeError(truncated)
    offset += length
    return buffer.subarray(offset - length, offset)
  }

  return {
    uint,
    int() {
      const value = uint()
      return value % 2 === 0 ? value / 2 : -(value + 1) / 2
    },
    float() {
      offset += 8
      return buffer.readDoubleLE(offset - 8)
    },
    text: () => decoder.decode(bytes()),
    bytes,
    get isAtEnd() {
      return offset >= buffer.length
    },
  }
}
