import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createPathMatcher, toPathPattern } from './path-pattern.ts'

/** Matches a path against a pattern. */
function matches(pattern: string, path: string): boolean {
  return createPathMatcher(toPathPattern(pattern))(path)
}

describe('createPathMatcher', () => {
  it.each([
    ['/thanks', '/thanks'],
    ['/blog/*', '/blog/first'],
    ['/blog/*', '/blog/'],
    ['/blog/post-*', '/blog/post-7'],
    ['/*/edit', '/page/edit'],
    ['/blog/*/comments/*', '/blog/first/comments/3'],
    ['/blog/**', '/blog'],
    ['/blog/**', '/blog/'],
    ['/*/edit/**', '/page/edit'],
    ['/#/blog/**', '/#/blog'],
    ['/blog/**', '/blog/2026/03/first'],
    ['/blog**', '/blog'],
    ['/blog**', '/blogs/first'],
    ['/**/thanks', '/shop/boots/thanks'],
    ['**/thanks', '/thanks'],
    ['**/thanks', '/shop/thanks'],
    ['**', '/anything/at/all'],
    ['/*', '/'],
    ['/a.c', '/a.c'],
    ['/(a|b)+[c]$', '/(a%7Cb)+[c]$'],
    // Patterns are normalized as URLs are.
    ['/danke schön', '/danke%20sch%C3%B6n'],
    ['/danke%20sch%C3%B6n', '/danke%20sch%C3%B6n'],
    ['/a/../b/*', '/b/c'],
    // Pages of a hash router.
    ['/#/thanks', '/#/thanks'],
    ['/#/danke schön', '/#/danke%20sch%C3%B6n'],
    ['/#/blog/*', '/#/blog/first'],
    ['/#!/blog/**', '/#!/blog/2026/first'],
    ['/**', '/#/thanks'],
    ['**/thanks', '/#/thanks'],
    ['/#/', '/'],
    ['/#/a=*', '/#/a=b'],
  ])('%s matches %s', (pattern, path) => {
    expect(matches(pattern, path)).toBe(true)
  })

  it.each([
    ['/thanks', '/thanks/'],
    ['/thanks', '/Thanks'],
    ['/thanks', '/thanks/you'],
    ['/thanks', '/no/thanks'],
    ['/blog/*', '/blog'],
    ['/blog/*', '/blog/2026/first'],
    ['/blog/*', '/blogs/first'],
    ['/*/edit', '/a/b/edit'],
    ['/blog/**', '/blogs'],
    ['/blog/**', '/blogs/first'],
    ['/blog/**', '/'],
    ['/**', ''],
    ['/**/thanks', '/thanks'],
    ['**/thanks', '/nothanks'],
    ['/a.c', '/abc'],
    ['/a', ''],
    ['/#/thanks', '/'],
    ['/thanks', '/#/thanks'],
    ['/*', '/#/thanks'],
  ])('%s does not match %s', (pattern, path) => {
    expect(matches(pattern, path)).toBe(false)
  })

  it.each([
    ['', 'does not start with / or **; add a slash'],
    ['thanks', 'does not start with / or **; add a slash'],
    ['*/thanks', 'does not start with / or **; add a slash'],
    ['https://shop.example/thanks', 'does not start with / or **; add a slash'],
    ['/a/***', 'has three or more stars in a row; use * or **'],
    ['/thanks?a=b', 'has a ?; leave out the query'],
    ['/#/thanks?a=b', 'has a ?; leave out the query'],
    ['/#a=b', 'has the fragment #a=b, which no page has; a fragment with = starts with #/ or #!'],
    [`/${'x'.repeat(1000)}`, 'has 1001 characters; use at most 1000'],
    [`/${'ж'.repeat(200)}`, 'has 1201 characters; use at most 1000'],
    ['**/../../x', 'does not start with / or **; add a slash'],
  ])('refuses %j: it %s', (pattern, problem) => {
    expect(() => toPathPattern(pattern)).toThrow(new TypeError(problem))
  })

  it('keeps no state between two paths', () => {
    const long = 'edit'.repeat(10)
    const isMatch = createPathMatcher(`/*/${long}/*`)
    const paths = [`/page/${long}/it`, '/page', `/${long}`, `/page/${long}/`]
    expect(paths.map(isMatch)).toEqual([true, false, false, true])
  })

  it('agrees with a regular expression on short paths', () => {
    const piece = fc.constantFrom(
      'a',
      'b',
      '/',
      'ab',
      '*',
      '/*',
      '/**/',
      'a'.repeat(31),
      'b'.repeat(33),
    )
    const pattern = fc
      .array(piece, { maxLength: 8 })
      .map(pieces => `/${pieces.join('')}`.replaceAll(/\*{3,}/g, '**'))
    const path = fc
      .array(fc.constantFrom('a', 'b', '/', 'ab', 'a'.repeat(31), 'b'.repeat(33), 'é'), {
        maxLength: 10,
      })
      .map(pieces => `/${pieces.join('')}`)
    const filled = fc.tuple(pattern, fc.array(path)).map(([text, fills]) => ({
      text,
      // Most random paths do not match, so some are built from the pattern.
      of: text.replaceAll(/\*+/g, stars => (fills.pop() ?? '').slice(stars.length === 1 ? 1 : 0)),
    }))
    fc.assert(
      fc.property(fc.oneof(filled, fc.record({ text: pattern, of: path })), ({ text, of }) => {
        const source = text
          .replaceAll(/\*+/g, stars => (stars.length === 2 ? '[^]*' : '[^/]*'))
          .replace(/(?<=.)\/\[\^\]\*$/, '(/[^]*)?')
        expect(createPathMatcher(text)(of)).toBe(new RegExp(`^${source}$`).test(of))
      }),
      { numRuns: 2000 },
    )
  })

  it('matches slow paths in linear time', () => {
    const paths = [`/${'a'.repeat(998)}b`, `/${'ab'.repeat(499)}`, `${'/a'.repeat(499)}b`]
    for (const pattern of ['/**a**b**a**c**ab', '/*a*b*a*c*ab', `/**${'/a'.repeat(400)}c**b`]) {
      const isMatch = createPathMatcher(toPathPattern(pattern))
      for (const path of paths) {
        const times = Array.from({ length: 5 }, () => {
          const before = performance.now()
          isMatch(path)
          return performance.now() - before
        })
        // The slowest of them takes 0.1 ms.
        expect(Math.min(...times)).toBeLessThan(5)
      }
    }
  })
})
