import { accessLogLimits } from './limits.ts'

export interface Line {
  /** Line number, from 1. */
  number: number
  /** Text without the line terminator; `undefined` when the line is longer than the limit. */
  text: string | undefined
  /** Offset in the input, in bytes, after the line and its terminator. */
  endByte: number
}

const lineFeed = 0x0a
const byteOrderMark = /^\uFEFF/

/**
 * Splits bytes into lines that end in LF or CRLF; the last line may have no terminator. Invalid UTF-8 becomes U+FFFD.
 * Yields the lines that end in one chunk together. Memory is bounded by one chunk and one line of the limit.
 */
export async function* readLines(
  chunks: AsyncIterable<Buffer>,
  maxLineBytes: number = accessLogLimits.maxLineBytes,
): AsyncGenerator<readonly Line[], void, undefined> {
  const pending = createPendingLine(maxLineBytes)
  let number = 0
  let endByte = 0
  for await (const chunk of chunks) {
    const lines: Line[] = []
    let start = 0
    for (;;) {
      const end = chunk.indexOf(lineFeed, start)
      if (end < 0) break
      pending.add(chunk.subarray(start, end))
      endByte += end + 1 - start
      start = end + 1
      lines.push({ number: ++number, text: toText(pending.drain(), number), endByte })
    }
    pending.add(chunk.subarray(start))
    endByte += chunk.length - start
    if (lines.length > 0) yield lines
  }
  if (!pending.isEmpty()) {
    yield [{ number: ++number, text: toText(pending.drain(), number), endByte }]
  }
}

interface PendingLine {
  isEmpty(): boolean
  add(piece: Buffer): void
  /** Returns the line and starts a new one; `undefined` when the line is too long. */
  drain(): Buffer | undefined
}

function createPendingLine(maxBytes: number): PendingLine {
  let pieces: Buffer[] = []
  let size = 0
  return {
    isEmpty: () => size === 0,
    add(piece) {
      size += piece.length
      if (size > maxBytes) pieces = []
      else if (piece.length > 0) pieces.push(piece)
    },
    drain() {
      const [first] = pieces
      const line = first && pieces.length === 1 ? first : Buffer.concat(pieces)
      const result = size > maxBytes ? undefined : line
      pieces = []
      size = 0
      return result
    },
  }
}

function toText(line: Buffer | undefined, number: number): string | undefined {
  if (!line) return undefined
  const text = line.toString()
  const withoutByteOrderMark = number === 1 ? text.replace(byteOrderMark, '') : text
  return withoutByteOrderMark.endsWith('\r')
    ? withoutByteOrderMark.slice(0, -1)
    : withoutByteOrderMark
}
