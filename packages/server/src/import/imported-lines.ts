import type { Line } from '../access-log/read-lines.ts'
import { LogChangedError } from './failure.ts'
import { importLimits } from './limits.ts'
import {
  type ImportCheckpoint,
  createLineDigest,
  digestOf,
  findImportCheckpoint,
} from './checkpoint.ts'

/** Tells the new lines of a log from those that were imported before. */
export interface ImportedLineFilter {
  /**
   * Takes the next line.
   * @throws {LogChangedError} when the log begins as one that was imported, and goes on otherwise
   */
  accept(line: Line): void
  /** Says that no line will come any more. */
  end(): void
  /** How far the log was read; `undefined` where that is no further than before. */
  checkpoint(): ImportCheckpoint | undefined
  alreadyImportedLines(): number
}

/** @param takeNew is given each line that was not imported before, in order */
export function createImportedLineFilter(
  marks: readonly ImportCheckpoint[],
  takeNew: (line: Line) => void,
): ImportedLineFilter {
  const digest = createLineDigest()
  /** The first lines, until it is clear whether they are known. */
  let head: Line[] | undefined = []
  let headDigest = ''
  let headLines = 0
  let before: ImportCheckpoint | undefined
  let lines = 0

  function begin(first: readonly Line[]): void {
    const texts = first.map(({ text }) => text)
    head = undefined
    headLines = texts.length
    headDigest = digestOf(texts)
    before = findImportCheckpoint(marks, texts)
    for (const line of first) step(line)
  }

  function step(line: Line): void {
    lines++
    digest.add(line.text)
    if (!before || lines > before.lines) takeNew(line)
    else if (lines === before.lines && digest.value() !== before.digest) {
      throw new LogChangedError(lines)
    }
  }

  return {
    accept(line) {
      if (!head) return step(line)
      head.push(line)
      if (head.length === importLimits.headLines) begin(head)
    },
    end() {
      if (head) begin(head)
    },
    checkpoint() {
      if (head || lines <= (before?.lines ?? 0)) return undefined
      const id = before?.id ?? Math.max(0, ...marks.map(mark => mark.id)) + 1
      return { id, headLines, head: headDigest, lines, digest: digest.value() }
    },
    alreadyImportedLines: () => Math.min(lines, before?.lines ?? 0),
  }
}
