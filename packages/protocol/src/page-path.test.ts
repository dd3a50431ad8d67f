import fc from 'fast-check'
import { expect, it } from 'vitest'
import { limits } from './limits.ts'
import { pageFragmentOf, pagePathOf, toPagePath } from './page-path.ts'

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
    '%%342',
    '%7E%c3%a9',
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

/** Ends of a URL whose fragment is counted, cut, removed or escaped. */
const suffix = fc
  .tuple(
    fc.constantFrom('', '?a=/b', '#', '#/', '#!/', '#c'),
    fc.array(fc.constantFrom('/', '!', '#', '?', '=', 'a', '.', '/..', '%', 'ä', ' ', '`'), {
      maxLength: 12,
    }),
  )
  .map(([start, rest]) => start + rest.join(''))

it('toPagePath: returns the path of an event with this path in its URL', () => {
  fc.assert(
    fc.property(path, suffix, (text, end) => {
      const url = new URL(`https://shop.example${text}${end}`)
      expect(toPagePath(text + end)).toBe(pagePathOf(url))
    }),
    { numRuns: 1000 },
  )
})

it('toPagePath: does not change its own result', () => {
  fc.assert(
    fc.property(path, suffix, (text, end) => {
      const once = toPagePath(text + end) ?? ''
      expect(toPagePath(once)).toBe(once)
      expect(once.length).toBeLessThanOrEqual(limits.maxPathLength)
      expect(once).not.toMatch(/[^!-~]/)
    }),
    { numRuns: 1000 },
  )
})

it.each([
  ['/boots', '/boots'],
  ['/a b/../ü?c=1#d', '/%C3%BC#d'],
  // RFC 3986, section 6.2.2: case of escapes, unreserved characters, dot segments; reserved ones stay apart.
  ['/caf%c3%a9', '/caf%C3%A9'],
  ['/%7Eada/%41-%5f%2e%30', '/~ada/A-_.0'],
  ['/a/%2E%2e/b', '/b'],
  ['/a%2fb', '/a%2Fb'],
  ['/a%3Ab', '/a%3Ab'],
  ['/a:b', '/a:b'],
  ['/a|b', '/a%7Cb'],
  ['/%257E', '/%257E'],
  // A % that is no escape is the character itself.
  ['/100%', '/100%25'],
  ['/%%342', '/%2542'],
  ['/#/caf%c3%a9/%7e', '/#/caf%C3%A9/~'],
  ['/#/about', '/#/about'],
  ['/app/#/users/7?token=x', '/app/#/users/7'],
  ['/#!/about', '/#!/about'],
  ['/docs?page=2#ä b', '/docs#%C3%A4%20b'],
  ['/#/a/../b', '/#/a/../b'],
  ['/#/a=b', '/#/a=b'],
  ['/#', '/'],
  ['/#/', '/'],
  ['/#!', '/'],
  ['/#!/', '/'],
  ['/#?a', '/'],
  ['/#/?a=b', '/'],
  ['/#//', '/#//'],
  ['/#access_token=x&state=y', '/'],
  ['/#state=y?/about', '/'],
  ['/#about?a=b', '/#about'],
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

it('toPagePath: cuts a long fragment, also to nothing', () => {
  const long = `/${'x'.repeat(996)}`
  expect(toPagePath(`${long}#/about`)).toBe(`${long}#/a`)
  expect(toPagePath(`${long}x#/about`)).toBe(`${long}x`)
  expect(toPagePath(`${long}xxx#/about`)).toBe(`${long}xxx`)
})

it('toPagePath: cuts no escape in two', () => {
  const long = `/${'x'.repeat(997)}`
  expect(toPagePath(`${long}%C3%A9`)).toBe(long)
  expect(toPagePath(`/${'x'.repeat(990)}#/caf%C3%A9`)).toBe(`/${'x'.repeat(990)}#/caf%C3`)
})

it('pageFragmentOf: does not change its own result', () => {
  fc.assert(
    fc.property(suffix, end => {
      const once = pageFragmentOf(new URL(`https://shop.example/${end}`).hash)
      expect(pageFragmentOf(once)).toBe(once)
    }),
  )
})
