import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createPathMatcher, toPathPattern } from './path-pattern.ts'

/** Whether a path is one that a pattern means, as it is written. */
function matches(pattern: string, path: string): boolean {
  return createPathMatcher(toPathPattern(pattern))(path)
}

describe('a pattern', () => {
  it.each([
    ['/thanks', '/thanks'],
    ['/blog/*', '/blog/first'],
    ['/blog/*', '/blog/'],
    ['/blog/post-*', '/blog/post-7'],
    ['/*/edit', '/page/edit'],
    ['/blog/*/comments/*', '/blog/first/comments/3'],
    ['/blog/**', '/blog/'],
    ['/blog/**', '/blog/2026/03/first'],
    ['/blog**', '/blog'],
    ['/blog**', '/blogs/first'],
    ['/**/thanks', '/shop/boots/thanks'],
    ['**/thanks', '/thanks'],
    ['**/thanks', '/shop/thanks'],
    ['**', '/anything/at/all'],
    ['/*', '/'],
    ['/a.c', '/a.c'],
    ['/(a|b)+[c]$', '/(a|b)+[c]$'],
    // As an address has it, whatever way it was written.
    ['/danke schön', '/danke%20sch%C3%B6n'],
    ['/danke%20sch%C3%B6n', '/danke%20sch%C3%B6n'],
    ['/a/../b/*', '/b/c'],
  ])('%s means %s', (pattern, path) => {
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
    ['/blog/**', '/blog'],
    ['/**/thanks', '/thanks'],
    ['**/thanks', '/nothanks'],
    ['/a.c', '/abc'],
    ['/a', ''],
  ])('%s does not mean %s', (pattern, path) => {
    expect(matches(pattern, path)).toBe(false)
  })

  it.each([
    ['', 'has to begin with / or **'],
    ['thanks', 'has to begin with / or **'],
    ['*/thanks', 'has to begin with / or **'],
    ['https://shop.example/thanks', 'has to begin with / or **'],
    ['/a/***', 'has three stars or more in a row'],
    ['/thanks?a=b', 'has a ? or #, and paths have neither'],
    ['/#thanks', 'has a ? or #, and paths have neither'],
    [`/${'x'.repeat(1000)}`, 'is longer than 1000 characters'],
    [`/${'ж'.repeat(200)}`, 'is longer than 1000 characters'],
    ['**/../../x', 'has to begin with / or **'],
  ])('%j is refused: it %s', (pattern, complaint) => {
    expect(() => toPathPattern(pattern)).toThrow(new TypeError(complaint))
  })

  it('remembers nothing of the path before', () => {
    const long = 'edit'.repeat(10)
    const isMatch = createPathMatcher(`/*/${long}/*`)
    const paths = [`/page/${long}/it`, '/page', `/${long}`, `/page/${long}/`]
    expect(paths.map(isMatch)).toEqual([true, false, false, true])
  })

  it('is the same as a regular expression, on paths that are short enough for one', () => {
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
      // Most paths at random do not match, so some are made from the pattern.
      of: text.replaceAll(/\*+/g, stars => (fills.pop() ?? '').slice(stars.length === 1 ? 1 : 0)),
    }))
    fc.assert(
      fc.property(fc.oneof(filled, fc.record({ text: pattern, of: path })), ({ text, of }) => {
        const source = text.replaceAll(/\*+/g, stars => (stars.length === 2 ? '[^]*' : '[^/]*'))
        expect(createPathMatcher(text)(of)).toBe(new RegExp(`^${source}$`).test(of))
      }),
      { numRuns: 2000 },
    )
  })

  it('takes no longer for a path that is made to be slow', () => {
    const paths = [`/${'a'.repeat(998)}b`, `/${'ab'.repeat(499)}`, `${'/a'.repeat(499)}b`]
    for (const pattern of ['/**a**b**a**c**ab', '/*a*b*a*c*ab', `/**${'/a'.repeat(400)}c**b`]) {
      const isMatch = createPathMatcher(toPathPattern(pattern))
      for (const path of paths) {
        const times = Array.from({ length: 5 }, () => {
          const before = performance.now()
          isMatch(path)
          return performance.now() - before
        })
        // Measured: 0.1 ms for the worst of them.
        expect(Math.min(...times)).toBeLessThan(5)
      }
    }
  })
})
