import fc from 'fast-check'
import { expect, it } from 'vitest'
import { compareCursors, formatCursor, parseCursor } from './cursor.ts'

const part = fc.oneof(
  fc.integer({ min: 0, max: 12 }),
  fc.integer({ min: 0, max: 999_999_999_999_999 }),
)
const cursors = fc.record({ epoch: part, seq: part })

it('Cursor: parses every formatted cursor', () => {
  fc.assert(
    fc.property(cursors, cursor => {
      expect(parseCursor(formatCursor(cursor))).toEqual(cursor)
    }),
  )
})

it('Cursor: parses only text that it would format', () => {
  const nearly = fc.string({ unit: fc.constantFrom(...'0123456789.-+e \n\u0661'), maxLength: 8 })
  fc.assert(
    fc.property(fc.oneof(nearly, fc.string()), text => {
      const cursor = parseCursor(text)
      expect(cursor === undefined || formatCursor(cursor) === text).toBe(true)
    }),
    { numRuns: 1000 },
  )
})

it.each([
  '',
  '7',
  '7.',
  '.7',
  '7.4.2',
  '07.4',
  '7.04',
  '-7.4',
  '7.-4',
  '+7.4',
  '7.4 ',
  ' 7.4',
  '7.4\n',
  '7,4',
  '7e1.4',
  '0x7.4',
  '\u0667.\u0664',
  'NaN.0',
  '1000000000000000.0',
  '0.1000000000000000',
])('Cursor: rejects %j', text => {
  expect(parseCursor(text)).toBeUndefined()
})

it('Cursor: sorts by epoch, then by sequence number', () => {
  const sorted = [
    { epoch: 1, seq: 9 },
    { epoch: 2, seq: 0 },
    { epoch: 2, seq: 3 },
    { epoch: 10, seq: 1 },
  ]
  expect(sorted.toReversed().toSorted(compareCursors)).toEqual(sorted)
  expect(compareCursors({ epoch: 2, seq: 3 }, { epoch: 2, seq: 3 })).toBe(0)
})
