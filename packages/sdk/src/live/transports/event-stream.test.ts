import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createEventStreamParser } from './event-stream.ts'

/** The `data` of each event in pieces of text. */
function read(...pieces: string[]): string[] {
  const events: string[] = []
  const parse = createEventStreamParser(data => events.push(data))
  for (const piece of pieces) parse(piece)
  return events
}

describe('an event', () => {
  it.each([
    ['ends with an empty line', 'data: a\n\ndata: b\n\n', ['a', 'b']],
    [
      'may have any of the three line ends',
      'data: a\r\n\r\ndata: b\r\rdata: c\n\n',
      ['a', 'b', 'c'],
    ],
    ['may leave out the space', 'data:{"a":1}\n\n', ['{"a":1}']],
    ['loses one space alone', 'data:  a\n\n', [' a']],
    ['may have several lines', 'data: a\ndata: b\n\n', ['a\nb']],
    ['may have an id and more', 'id: 7.3\nretry: 100\nevent: x\ndata: a\n\n', ['a']],
    ['is not a comment', ': still here\n\ndata: a\n\n', ['a']],
    ['without data is none', 'id: 7.3\n\n', []],
    ['that has not ended is none yet', 'data: a\n', []],
  ])('%s', (_, text, events) => {
    expect(read(text)).toEqual(events)
  })

  it('is the same wherever the network cuts the text', () => {
    const line = fc.constantFrom('data: a', 'data: b', 'id: 7.3', ': c', '')
    const end = fc.constantFrom('\n', '\r\n', '\r')
    const text = fc
      .array(fc.tuple(line, end), { maxLength: 20 })
      .map(lines => `${lines.flat().join('')}\n\ndata: end\n\n`)
    fc.assert(
      fc.property(text, fc.array(fc.nat(200)), (whole, cuts) => {
        const at = [...new Set(cuts)].filter(cut => cut < whole.length).toSorted((a, b) => a - b)
        const pieces = [0, ...at].map((from, index) => whole.slice(from, at[index]))
        expect(read(...pieces)).toEqual(read(whole))
        expect(read(whole).at(-1)).toBe('end')
      }),
    )
  })

  it('whose line has no end is given up before it fills the memory', () => {
    const parse = createEventStreamParser(() => {})
    const piece = 'a'.repeat(1024 * 1024)
    expect(() => {
      for (let pieces = 0; pieces < 8; pieces++) parse(piece)
    }).toThrow(RangeError)
  })
})
