import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createEventStreamParser } from './event-stream.ts'

/** Returns the `data` of each event in chunks of text. */
function parseChunks(...chunks: string[]): string[] {
  const events: string[] = []
  const parse = createEventStreamParser(data => events.push(data))
  for (const chunk of chunks) parse(chunk)
  return events
}

describe('createEventStreamParser', () => {
  it.each([
    ['events that end with an empty line', 'data: a\n\ndata: b\n\n', ['a', 'b']],
    ['all three line endings', 'data: a\r\n\r\ndata: b\r\rdata: c\n\n', ['a', 'b', 'c']],
    ['data without a space', 'data:{"a":1}\n\n', ['{"a":1}']],
    ['data with two spaces', 'data:  a\n\n', [' a']],
    ['data in several lines', 'data: a\ndata: b\n\n', ['a\nb']],
    ['other fields', 'id: 7.3\nretry: 100\nevent: x\ndata: a\n\n', ['a']],
    ['comments', ': still here\n\ndata: a\n\n', ['a']],
    ['events without data', 'id: 7.3\n\n', []],
    ['unfinished events', 'data: a\n', []],
  ])('parses %s', (_, text, events) => {
    expect(parseChunks(text)).toEqual(events)
  })

  it('returns the same events for any chunks', () => {
    const line = fc.constantFrom('data: a', 'data: b', 'id: 7.3', ': c', '')
    const end = fc.constantFrom('\n', '\r\n', '\r')
    const texts = fc
      .array(fc.tuple(line, end), { maxLength: 20 })
      .map(lines => `${lines.flat().join('')}\n\ndata: end\n\n`)
    fc.assert(
      fc.property(texts, fc.array(fc.nat(200)), (text, cuts) => {
        const offsets = [...new Set(cuts)]
          .filter(cut => cut < text.length)
          .toSorted((a, b) => a - b)
        const chunks = [0, ...offsets].map((from, index) => text.slice(from, offsets[index]))
        expect(parseChunks(...chunks)).toEqual(parseChunks(text))
        expect(parseChunks(text).at(-1)).toBe('end')
      }),
    )
  })

  it('throws for an endless line before memory is exhausted', () => {
    const parse = createEventStreamParser(() => {})
    const chunk = 'a'.repeat(1024 * 1024)
    expect(() => {
      for (let chunks = 0; chunks < 8; chunks++) parse(chunk)
    }).toThrow(RangeError)
  })
})
