import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatEtag, matchesEtag, parseEtag } from './etag.ts'

const cursor = { epoch: 7, seq: 42 }

/** One ETag, as proxies may return it. */
const changedByProxies = [
  '"7.42"',
  'W/"7.42"',
  'w/"7.42"',
  '"7.42-gzip"',
  'W/"7.42-gzip"',
  '"7.42--gzip"',
  '"7.42-df"',
  '"7.42;br"',
  '"7.42;gzip"',
  '7.42',
  'W/7.42',
  '7.42-gzip',
  '  "7.42"  ',
  '\t"7.42"',
]

const others = [
  '"7.43"',
  '"8.42"',
  '"7.4"',
  '"7.421"',
  '"17.42"',
  '"07.42"',
  '"7.42.1"',
  '"7.42x"',
  '"x7.42"',
  '"7,42"',
  '""',
  '"',
  'W/',
  'W/""',
  '"7.42\r\nSet-Cookie: a=b"',
  '"7.42"\r\nX: "7.42"',
  '"7.42-gzip\r\n"',
  'x'.repeat(10_000),
  '"7.42' + '-'.repeat(10_000) + '!',
]

it('ETag: is the cursor in double quotes', () => {
  expect(formatEtag(cursor)).toBe('"7.42"')
})

describe.each(changedByProxies)('ETag %j', tag => {
  it('matches the cursor', () => {
    expect(matchesEtag(tag, cursor)).toBe(true)
    expect(parseEtag(tag)).toEqual(cursor)
  })

  it('matches at any position of a list', () => {
    expect(matchesEtag(`"1.1", ${tag}`, cursor)).toBe(true)
    expect(matchesEtag(`${tag},W/"9.9"`, cursor)).toBe(true)
    expect(matchesEtag(`"1.1",${tag}, garbage`, cursor)).toBe(true)
  })
})

it.each(others.map(tag => [tag.slice(0, 40), tag]))('ETag: does not match %j', (_, tag) => {
  expect(matchesEtag(tag, cursor)).toBe(false)
  expect(matchesEtag(`"1.1", ${tag}`, cursor)).toBe(false)
  expect(parseEtag(tag)).not.toEqual(cursor)
})

it('ETag: matches any state by `*` alone, but not by `*` in a list', () => {
  expect(matchesEtag('*', cursor)).toBe(true)
  expect(matchesEtag(' * ', { epoch: 1, seq: 0 })).toBe(true)
  expect(matchesEtag('"1.1", *', cursor)).toBe(false)
  expect(parseEtag('*')).toBeUndefined()
})

it.each([undefined, null, ''])('ETag: treats %j as no header', header => {
  expect(matchesEtag(header, cursor)).toBe(false)
  expect(parseEtag(header)).toBeUndefined()
})

it('ETag: never matches another state, with any change by a proxy', () => {
  const part = fc.integer({ min: 0, max: 20 })
  const cursors = fc.record({ epoch: part, seq: part })
  const prefix = fc.constantFrom('', 'W/')
  const suffix = fc.constantFrom('', '-gzip', '--gzip', ';br', '-1', ';7.42')
  fc.assert(
    fc.property(cursors, cursors, prefix, suffix, (current, tagged, before, after) => {
      const tag = `${before}"${tagged.epoch}.${tagged.seq}${after}"`
      expect(matchesEtag(tag, current)).toBe(
        current.epoch === tagged.epoch && current.seq === tagged.seq,
      )
      expect(parseEtag(tag)).toEqual(tagged)
    }),
  )
})
