import { expect, it } from 'vitest'
import type { ImportCheckpoint } from './checkpoint.ts'
import { LogChangedError } from './failure.ts'
import { createImportedLineFilter } from './imported-lines.ts'

/** Imports lines after earlier imports, and returns the new lines and all checkpoints. */
function importLines(lines: readonly string[], checkpoints: readonly ImportCheckpoint[] = []) {
  const newLines: (string | undefined)[] = []
  const filter = createImportedLineFilter(checkpoints, ({ text }) => newLines.push(text))
  for (const [index, text] of lines.entries())
    filter.accept({ number: index + 1, text, endByte: 0 })
  filter.end()
  const checkpoint = filter.checkpoint()
  const others = checkpoints.filter(({ id }) => id !== checkpoint?.id)
  return {
    newLines,
    skipped: filter.alreadyImportedLines(),
    checkpoints: checkpoint ? [...others, checkpoint] : [...checkpoints],
  }
}

const log = Array.from({ length: 30 }, (_, index) => `line ${index}`)

it('createImportedLineFilter: passes all lines of a new log', () => {
  expect(importLines(log)).toMatchObject({ newLines: log, skipped: 0 })
})

it('createImportedLineFilter: skips the lines of an imported log', () => {
  const { checkpoints } = importLines(log)
  expect(importLines(log, checkpoints)).toEqual({ newLines: [], skipped: 30, checkpoints })
})

it.each([3, 10, 20])('createImportedLineFilter: passes the lines after the first %i', length => {
  const { checkpoints } = importLines(log.slice(0, length))
  const grown = importLines(log, checkpoints)
  expect(grown).toMatchObject({ newLines: log.slice(length), skipped: length })
  expect(grown.checkpoints).toMatchObject([{ id: 1, lines: 30 }])
})

it('createImportedLineFilter: has a checkpoint for each log', () => {
  const other = log.map(line => `other ${line}`)
  const { checkpoints } = importLines(other, importLines(log).checkpoints)
  expect(checkpoints.map(({ id }) => id)).toEqual([1, 2])
  for (const lines of [log, other]) expect(importLines(lines, checkpoints).newLines).toEqual([])
})

it('createImportedLineFilter: refuses a log that differs within the imported lines', () => {
  const { checkpoints } = importLines(log)
  expect(() => importLines(log.with(20, 'changed'), checkpoints)).toThrow(LogChangedError)
})
