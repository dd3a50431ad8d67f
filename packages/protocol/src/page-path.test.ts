import fc from 'fast-check'
import { expect, it } from 'vitest'
import { limits } from './limits.ts'
import { pagePathOf, toPagePath } from './page-path.ts'

/** Segments that the URL standard removes, escapes or keeps, and a cut may fall into. */
const segments = fc.array(
  fc.constantFrom(
    '/',
    '/.',
    '/..',
    '/%2e',
    '/%2E.',
    '/a',
    '/%',
    '/%2F',
    '/ä',
    '/x y',
    '/^|',
    '\\b',
  ),
  { minLength: 1, maxLength: 8 },
)
const path = fc
  .tuple(fc.constantFrom(0, 985, 990, 995, 998, 999, 1000), segments)
  .map(([length, last]) => `/${'x'.repeat(length)}${last.join('')}`)

it('toPagePath: returns the path of an event with this path in its URL', () => {
  fc.assert(
    fc.property(path, fc.constantFrom('', '?a=/b', '#c'), (text, suffix) => {
      const url = new URL(`https://shop.example${text}${suffix}`)
      expect(toPagePath(text + suffix)).toBe(pagePathOf(url))
    }),
    { numRuns: 1000 },
  )
})

it('toPagePath: does not change its own result', () => {
  fc.assert(
    fc.property(path, text => {
      const once = toPagePath(text) ?? ''
      expect(toPagePath(once)).toBe(once)
      expect(once.length).toBeLessThanOrEqual(limits.maxPathLength)
      expect(once).not.toMatch(/[^!-~]/)
    }),
    { numRuns: 1000 },
  )
})

it.each([
  ['/boots', '/boots'],
  ['/a b/../ü?c=1#d', '/%C3%BC'],
  ['//evil.example/x', '//evil.example/x'],
  ['/', '/'],
])('toPagePath: normalizes %s', (text, expected) => {
  expect(toPagePath(text)).toBe(expected)
})

it.each([['boots'], [''], ['https://shop.example/boots'], [' /boots'], [7], [undefined], [null]])(
  'toPagePath: is undefined for %j',
  text => {
    expect(toPagePath(text)).toBeUndefined()
  },
)
