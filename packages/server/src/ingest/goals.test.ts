import { limits } from '@tidemark/protocol'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { type Goal, createGoals, maxGoals } from './goals.ts'
import { createPageRules } from './page-rules.ts'

describe('createGoals: reached goals', () => {
  const goalsOf = createGoals([
    { name: 'Read the blog', path: '/blog/**' },
    { name: 'Signup', event: 'signup' },
    { name: 'Any page', event: 'page_view' },
    { name: 'Comment', path: '/blog/*/comments' },
    { name: 'Also a signup', event: 'signup' },
    { name: '__proto__', event: 'constructor' },
  ])

  it.each<[string, string | undefined, string[]]>([
    ['signup', '/blog/', ['Signup', 'Also a signup']],
    ['signup', undefined, ['Signup', 'Also a signup']],
    ['Signup', '/', []],
    ['page_view', '/', ['Any page']],
    ['page_view', undefined, ['Any page']],
    ['page_view', '/blog/first', ['Read the blog', 'Any page']],
    ['page_view', '/blog/first/comments', ['Read the blog', 'Any page', 'Comment']],
    ['constructor', '/', ['__proto__']],
    ['toString', '/toString', []],
    // A path goal is reached by page views only, although other events have a path too.
    ['download', '/blog/first', []],
  ])('of %s at %s are in the order of definition', (event, path, goals) => {
    expect(goalsOf(event, path)).toEqual(goals)
    expect(goalsOf(event, path)).toEqual(goals)
  })

  it('are none without a definition', () => {
    expect(createGoals([])('page_view', '/')).toEqual([])
  })

  it('stay the same after the path cache was cleared', () => {
    for (let i = 0; i < 3000; i++) {
      expect(goalsOf('page_view', `/blog/${'x'.repeat(900)}${i}`)).toEqual([
        'Read the blog',
        'Any page',
      ])
      expect(goalsOf('page_view', '/')).toEqual(['Any page'])
    }
  })

  it('match event names in their clean form', () => {
    expect(createGoals([{ name: 'a', event: 'x\u0000y' }])('x\ufffdy', '/')).toEqual(['a'])
  })
})

describe('createGoals: paths', () => {
  it.each([
    ['/caf%c3%a9', '/caf%C3%A9'],
    ['/café', '/caf%C3%A9'],
    ['/%7Eada/*', '/~ada/x'],
    ['/a|b', '/a%7Cb'],
    ['/#/about', '/#/about'],
    ['/#/caf%c3%a9/*', '/#/caf%C3%A9/x'],
    ['/app/#/users/*', '/app/#/users/7'],
  ])('match by RFC 3986: %s on the page %s', (path, page) => {
    const goals = [{ name: 'a', path }] as Goal[]
    expect(createGoals(goals)('page_view', page)).toEqual(['a'])
  })

  it.each([
    ['/docs/', '/docs'],
    ['/docs/**', '/docs'],
    ['/docs/*', '/docs/a'],
    ['/Docs/index.html', '/docs'],
    ['**/readme', '/docs/readme'],
    ['/item', '/item?id=5'],
    ['/item?id=5', '/item?id=5'],
    ['/item?page=2&id=5', '/item?id=5&page=2'],
    ['/item?id=*', '/item?id=7'],
    ['/#/About/', '/#/about'],
    ['/item#/cart', '/item?id=5#/cart'],
  ])('match by the rules of the site: %s on the page %s', (path, page) => {
    const rules = createPageRules({
      ...{ trailingSlash: 'remove', letterCase: 'lower' },
      ...{ indexFiles: ['index.html'], query: ['id', 'page'] },
    })
    const goals = [{ name: 'a', path }] as Goal[]
    expect(rules.toPath(page)).toBe(page)
    expect(createGoals(goals, rules)('page_view', page)).toEqual(['a'])
    expect(createGoals(goals, rules)('page_view', '/other')).toEqual([])
  })
})

describe('createGoals: definitions', () => {
  const long = 'x'.repeat(limits.maxNameLength + 1)

  it.each<[string, { name: string; event?: string; path?: string }[]]>([
    ['Goal 1 has no name. Give it a name of 1 to 200 characters.', [{ name: '', event: 'a' }]],
    [
      'Goal 2 has no name. Give it a name of 1 to 200 characters.',
      [
        { name: 'a', event: 'a' },
        { name: ' ', path: '/' },
      ],
    ],
    [
      `The goal "${long}" has a name of ${long.length} characters. Use at most 200.`,
      [{ name: long, event: 'a' }],
    ],
    [
      'Two goals have the name "a". Rename one of them.',
      [
        { name: 'a', event: 'a' },
        { name: 'a', path: '/' },
      ],
    ],
    ['The goal "a" has neither event nor path. Add one of them.', [{ name: 'a' }]],
    [
      'The goal "a" has both event and path. Define two goals instead.',
      [{ name: 'a', event: 'a', path: '/' }],
    ],
    ['The goal "a" has an empty event. Give the name of an event.', [{ name: 'a', event: '' }]],
    [
      `The goal "a" has an event name of ${long.length} characters. Use at most 200.`,
      [{ name: 'a', event: long }],
    ],
    [
      'The goal "a" has the event "heartbeat", which is not counted. Use another event.',
      [{ name: 'a', event: 'heartbeat' }],
    ],
    [
      'The goal "a" has the event "leave", which is not counted. Use another event.',
      [{ name: 'a', event: 'leave' }],
    ],
    [
      'The goal "a" has the path "thanks", which does not start with / or **; add a slash.',
      [{ name: 'a', path: 'thanks' }],
    ],
    [
      'The goal "a" has the path "/x?y", which has a ?; leave out the query.',
      [{ name: 'a', path: '/x?y' }],
    ],
    [
      'The goal "a" has the path "", which does not start with / or **; add a slash.',
      [{ name: 'a', path: '' }],
    ],
    ['The goal "a\\nb" has neither event nor path. Add one of them.', [{ name: 'a\nb' }]],
  ])('are refused: %s', (message, goals) => {
    expect(() => createGoals(fromJavaScript(goals))).toThrow(new TypeError(message))
  })

  it('compile with either an event or a path', () => {
    expectTypeOf<{ name: string; event: string }>().toExtend<Goal>()
    expectTypeOf<{ name: string; path: '/docs/**' }>().toExtend<Goal>()
    expectTypeOf<{ name: string; path: '**.pdf' }>().toExtend<Goal>()
    expectTypeOf<{ name: string }>().not.toExtend<Goal>()
    expectTypeOf<{ name: string; event: string; path: '/' }>().not.toExtend<Goal>()
    expectTypeOf<{ name: string; path: 'docs' }>().not.toExtend<Goal>()
  })

  it('are at most 100', () => {
    const goals = Array.from({ length: maxGoals }, (_, i) => ({ name: `${i}`, event: 'a' }))
    expect(createGoals(goals)('a', undefined)).toHaveLength(100)
    expect(() => createGoals([...goals, { name: 'more', event: 'a' }])).toThrow(
      new TypeError('101 goals are more than the limit of 100; remove some.'),
    )
  })
})

/** Goals of a caller without types. */
function fromJavaScript(goals: object[]): Goal[] {
  return JSON.parse(JSON.stringify(goals))
}
