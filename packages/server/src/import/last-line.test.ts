import { expect, it } from 'vitest'
import type { Line } from '../access-log/read-lines.ts'
import { createLastLineBuffer } from './last-line.ts'

/** Passes lines through a buffer, and returns the texts that come out. */
function buffer(lines: readonly Line[]) {
  const texts: (string | undefined)[] = []
  const lastLine = createLastLineBuffer(({ text }) => texts.push(text))
  for (const line of lines) lastLine.push(line)
  const beforeEnd = [...texts]
  lastLine.end()
  return { beforeEnd, texts, hasUnfinishedLine: lastLine.hasUnfinishedLine }
}

const first: Line = { number: 1, text: 'one', endByte: 4 }

it('createLastLineBuffer: delays the last line until the end', () => {
  const result = buffer([first, { number: 2, text: 'two', endByte: 8 }])
  expect(result).toEqual({
    beforeEnd: ['one'],
    texts: ['one', 'two'],
    hasUnfinishedLine: false,
  })
})

it('createLastLineBuffer: drops a last line without a terminator', () => {
  const { texts, hasUnfinishedLine } = buffer([first, { number: 2, text: 'é', endByte: 6 }])
  expect({ texts, hasUnfinishedLine }).toEqual({ texts: ['one'], hasUnfinishedLine: true })
})

it.each([
  ['invalid UTF-8', '\ufffd'],
  ['no text, because it is too long', undefined],
])('createLastLineBuffer: assumes a terminator for a last line with %s', (_, text) => {
  expect(buffer([first, { number: 2, text, endByte: 5 }]).texts).toEqual(['one', text])
})

it('createLastLineBuffer: accepts an empty log', () => {
  expect(buffer([])).toEqual({ beforeEnd: [], texts: [], hasUnfinishedLine: false })
})
