import { limits } from '@tidemark/protocol'
import { describe, expect, it } from 'vitest'
import { type Goal, createGoals, maxGoals } from './goals.ts'

describe('the goals that an event reaches', () => {
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
    // A path is one of page views; other events are on pages too.
    ['download', '/blog/first', []],
  ])('are those of %s at %s, in the order of the configuration', (event, path, goals) => {
    expect(goalsOf(event, path)).toEqual(goals)
    expect(goalsOf(event, path)).toEqual(goals)
  })

  it('are none where there are no goals', () => {
    expect(createGoals([])('page_view', '/')).toEqual([])
  })

  it('are the same after more paths than are remembered', () => {
    for (let i = 0; i < 3000; i++) {
      expect(goalsOf('page_view', `/blog/${'x'.repeat(900)}${i}`)).toEqual([
        'Read the blog',
        'Any page',
      ])
      expect(goalsOf('page_view', '/')).toEqual(['Any page'])
    }
  })

  it('are of an event whose name is cleaned as names of events are', () => {
    expect(createGoals([{ name: 'a', event: 'x\u0000y' }])('x\ufffdy', '/')).toEqual(['a'])
  })
})

describe('a goal', () => {
  const long = 'x'.repeat(limits.maxNameLength + 1)

  it.each<[string, Goal[]]>([
    ['Goal 1 has no name. Give it one of 1 to 200 characters.', [{ name: '', event: 'a' }]],
    [
      'Goal 2 has no name. Give it one of 1 to 200 characters.',
      [
        { name: 'a', event: 'a' },
        { name: ' ', path: '/' },
      ],
    ],
    [`The goal "${long}" has a name of more than 200 characters.`, [{ name: long, event: 'a' }]],
    [
      'There are two goals "a". Give one of them another name.',
      [
        { name: 'a', event: 'a' },
        { name: 'a', path: '/' },
      ],
    ],
    ['The goal "a" has neither event nor path. Say which of them reaches it.', [{ name: 'a' }]],
    [
      'The goal "a" has both event and path. Make two goals of it.',
      [{ name: 'a', event: 'a', path: '/' }],
    ],
    ['The goal "a" has an event without a name.', [{ name: 'a', event: '' }]],
    [
      'The goal "a" has an event whose name has more than 200 characters.',
      [{ name: 'a', event: long }],
    ],
    [
      'The goal "a" has the event "heartbeat", which is not counted.',
      [{ name: 'a', event: 'heartbeat' }],
    ],
    ['The goal "a" has the event "leave", which is not counted.', [{ name: 'a', event: 'leave' }]],
    [
      'The goal "a" has the path "thanks", which has to begin with / or **.',
      [{ name: 'a', path: 'thanks' }],
    ],
    [
      'The goal "a" has the path "/x?y", which has a ? or #, and paths have neither.',
      [{ name: 'a', path: '/x?y' }],
    ],
    ['The goal "a" has the path "", which has to begin with / or **.', [{ name: 'a', path: '' }]],
    [
      'The goal "a\\nb" has neither event nor path. Say which of them reaches it.',
      [{ name: 'a\nb' }],
    ],
  ])('is refused: %s', (message, goals) => {
    expect(() => createGoals(goals)).toThrow(new TypeError(message))
  })

  it('may be one of as many as the limit, and none more', () => {
    const goals = Array.from({ length: maxGoals }, (_, i) => ({ name: `${i}`, event: 'a' }))
    expect(createGoals(goals)('a', undefined)).toHaveLength(100)
    expect(() => createGoals([...goals, { name: 'more', event: 'a' }])).toThrow(
      new TypeError('There are 101 goals, and may be 100.'),
    )
  })
})
