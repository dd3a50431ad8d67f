import type { Line } from '../access-log/read-lines.ts'

/** Delays each line until the next one arrives, because a server may still be writing the last line of the log. */
export interface LastLineBuffer {
  /** Stores a line and passes the previous one on. */
  push(line: Line): void
  /** Passes the last line on if it has a terminator. */
  end(): void
  /** Whether `end` found a last line without a terminator. */
  readonly hasUnfinishedLine: boolean
}

export function createLastLineBuffer(onLine: (line: Line) => void): LastLineBuffer {
  let last: Line | undefined
  let lastStartByte = 0
  let hasUnfinishedLine = false
  return {
    push(line) {
      const previous = last
      lastStartByte = previous?.endByte ?? 0
      last = line
      if (previous) onLine(previous)
    },
    end() {
      if (!last) return
      if (hasTerminator(last, lastStartByte)) onLine(last)
      else hasUnfinishedLine = true
      last = undefined
    },
    get hasUnfinishedLine() {
      return hasUnfinishedLine
    },
  }
}

/** Returns whether the line has more bytes than its text. Assumes a terminator when some bytes were invalid UTF-8. */
function hasTerminator({ text, endByte }: Line, startByte: number): boolean {
  if (text === undefined || text.includes('\ufffd')) return true
  return endByte - startByte > Buffer.byteLength(text)
}
