import { accessLogLimits } from './limits.ts'

export interface Line {
  /** From 1. */
  number: number
  /** Without its end; `undefined` when the line is longer than the limit. */
  text: string | undefined
  /** Bytes of the input from its beginning to the end of this line. */
  endByte: number
}

const lineFeed = 0x0a
const byteOrderMark = /^\uFEFF/

/**
 * Cuts bytes into lines, which end in LF or CRLF; the last one may have no end. Bytes that are no UTF-8
 * become U+FFFD. Gives the lines that end in a chunk together, and holds no more than them and one line of the
 * limit, whatever comes.
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
      lines.push({ number: ++number, text: toText(pending.take(), number), endByte })
    }
    pending.add(chunk.subarray(start))
    endByte += chunk.length - start
    if (lines.length > 0) yield lines
  }
  if (!pending.isEmpty()) {
    yield [{ number: ++number, text: toText(pending.take(), number), endByte }]
  }
}

interface PendingLine {
  isEmpty(): boolean
  add(piece: Buffer): void
  /** The line, and begins a new one; `undefined` when it has grown too long. */
  take(): Buffer | undefined
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
    take() {
      const [first] = pieces
      const line = first && pieces.length === 1 ? first : Buffer.concat(pieces)
      const taken = size > maxBytes ? undefined : line
      pieces = []
      size = 0
      return taken
    },
  }
}

function toText(line: Buffer | undefined, number: number): string | undefined {
  if (!line) return undefined
  const text = line.toString()
  const whole = number === 1 ? text.replace(byteOrderMark, '') : text
  return whole.endsWith('\r') ? whole.slice(0, -1) : whole
}
