import type { Line } from '../access-log/read-lines.ts'
import {
  type ImportCheckpoint,
  createLineDigest,
  digestOf,
  findImportCheckpoint,
} from './checkpoint.ts'
import { LogChangedError } from './failure.ts'
import { importLimits } from './limits.ts'

/** Skips the lines of a log that an earlier import has counted. */
export interface ImportedLineFilter {
  /**
   * Processes the next line.
   * @throws {LogChangedError} when the log starts like an imported log and differs within the imported lines
   */
  accept(line: Line): void
  /** Processes the lines of a log that is shorter than the head. Call it after the last line. */
  end(): void
  /** Returns the checkpoint after the lines so far; `undefined` when there are no new lines. */
  checkpoint(): ImportCheckpoint | undefined
  /** Number of skipped lines. */
  alreadyImportedLines(): number
}

/**
 * @param onNewLine called with each line that has not been imported, in order
 * @param onSkippedLine called with each line that has been imported, in order
 */
export function createImportedLineFilter(
  checkpoints: readonly ImportCheckpoint[],
  onNewLine: (line: Line) => void,
  onSkippedLine: (line: Line) => void = () => {},
): ImportedLineFilter {
  const digest = createLineDigest()
  /** The first lines, buffered until they identify the log; `undefined` afterwards. */
  let head: Line[] | undefined = []
  let headDigest = ''
  let headLines = 0
  /** Checkpoint of an earlier import of this log. */
  let previous: ImportCheckpoint | undefined
  let lines = 0

  function identifyLog(firstLines: readonly Line[]): void {
    const texts = firstLines.map(({ text }) => text)
    head = undefined
    headLines = texts.length
    headDigest = digestOf(texts)
    previous = findImportCheckpoint(checkpoints, texts)
    for (const line of firstLines) processLine(line)
  }

  function processLine(line: Line): void {
    lines++
    digest.add(line.text)
    if (!previous || lines > previous.lines) return onNewLine(line)
    if (lines === previous.lines && digest.value() !== previous.digest) {
      throw new LogChangedError(lines)
    }
    onSkippedLine(line)
  }

  return {
    accept(line) {
      if (!head) return processLine(line)
      head.push(line)
      if (head.length === importLimits.headLines) identifyLog(head)
    },
    end() {
      if (head) identifyLog(head)
    },
    checkpoint() {
      if (head || lines <= (previous?.lines ?? 0)) return undefined
      const id = previous?.id ?? Math.max(0, ...checkpoints.map(each => each.id)) + 1
      return { id, headLines, headDigest, lines, digest: digest.value() }
    },
    alreadyImportedLines: () => Math.min(lines, previous?.lines ?? 0),
  }
}
