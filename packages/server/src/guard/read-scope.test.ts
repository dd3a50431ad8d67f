import { channelNames } from '@tidemark/protocol'
import { describe, expect, it } from 'vitest'
import { describeAccess } from './figures.ts'
import { type ReadScope, intersectAccess, toPublicAccess, toReadAccess } from './read-scope.ts'

/** Returns the allowed channels and pages. */
function rightsOf(access: ReturnType<typeof toReadAccess>): unknown {
  return {
    channels: channelNames.filter(access.allowsChannel),
    pages: ['/products/a', '/about'].filter(access.allowsPage),
    other: access.hasOtherFigures,
  }
}

const pages = ['/products/a', '/about']

describe('ReadScope', () => {
  it.each<[ReadScope, unknown]>([
    [{}, { channels: channelNames, pages, other: true }],
    [{ channels: ['goals'] }, { channels: ['goals'], pages: [], other: false }],
    [{ channels: ['pageVisitors'] }, { channels: ['pageVisitors'], pages, other: false }],
    [{ channels: [] }, { channels: [], pages: [], other: false }],
    [
      { paths: ['/products/**'] },
      { channels: ['pageVisitors'], pages: ['/products/a'], other: false },
    ],
    [
      { channels: ['currentVisitors'], paths: ['/products/*'] },
      { channels: ['currentVisitors', 'pageVisitors'], pages: ['/products/a'], other: false },
    ],
    [
      { channels: ['pageVisitors'], paths: ['/products/*'] },
      { channels: ['pageVisitors'], pages: ['/products/a'], other: false },
    ],
    [{ paths: [] }, { channels: ['pageVisitors'], pages: [], other: false }],
  ])('%j allows exactly its channels and pages', (scope, rights) => {
    expect(rightsOf(toReadAccess(scope, 'scope'))).toEqual(rights)
  })

  it.each([
    ['/caf%c3%a9', '/caf%C3%A9'],
    ['/café/**', '/caf%C3%A9/x'],
    ['/%7Eada', '/~ada'],
    ['/#/caf%c3%a9', '/#/caf%C3%A9'],
  ])('with the path %s allows the page %s (RFC 3986, section 6.2.2)', (pattern, page) => {
    const access = toReadAccess({ paths: [pattern] }, 'scope')
    expect([access.allowsPage(page), access.allowsPage('/other')]).toEqual([true, false])
  })

  it.each([
    ['{ "channels": ["visitors"] }', "scope.channels: 'visitors' is not a channel. Known are "],
    ['{ "channels": "goals" }', "scope.channels: 'goals' is not a channel"],
    ['{ "channels": null }', 'scope.channels: null is not a channel'],
    ['{ "channels": [null] }', 'scope.channels: null is not a channel'],
    ['{ "paths": "/a" }', "scope.paths: '/a' is not a list of at most 100 patterns"],
    ['{ "paths": ["a"] }', "scope.paths: 'a' is not a pattern of pages: it does not start with /"],
    ['{ "paths": [7] }', 'scope.paths: 7 is not a pattern of pages: it is not a text'],
    [JSON.stringify({ paths: Array(101).fill('/a') }), 'is not a list of at most 100 patterns'],
  ])('rejects %s', (json, message) => {
    const scope: ReadScope = JSON.parse(json)
    expect(() => toReadAccess(scope, 'scope')).toThrow(TypeError)
    expect(() => toReadAccess(scope, 'scope')).toThrow(message)
  })

  it('intersected with another allows what both allow', () => {
    const a = toReadAccess({ channels: ['goals', 'events'], paths: ['/products/**'] }, 'a')
    const b = toReadAccess({ channels: ['events', 'values', 'pageVisitors'] }, 'b')
    expect(rightsOf(intersectAccess(a, b))).toEqual({
      channels: ['pageVisitors', 'events'],
      pages: ['/products/a'],
      other: false,
    })
    expect(intersectAccess(toReadAccess({}, 'all'), a)).toBe(a)
  })
})

describe('PublicRule', () => {
  it('without fields allows everything except the feed', () => {
    const access = toPublicAccess({}, 'public')
    expect(channelNames.filter(name => !access.allowsChannel(name))).toEqual(['recentEvents'])
    expect(access.hasOtherFigures).toBe(true)
    expect(toPublicAccess({ channels: ['recentEvents'] }, 'x').allowsChannel('recentEvents')).toBe(
      true,
    )
  })

  it.each([
    [{ channels: ['recentEvents'], minCount: 2 }, 'shows single visitors'],
    [{ minCount: -1 }, 'public.minCount: -1 is not a whole number from 0'],
    [{ minCount: 1.5 }, 'public.minCount: 1.5 is not a whole number from 0'],
  ] as const)('rejects %j', (rule, message) => {
    expect(() => toPublicAccess(rule, 'public')).toThrow(message)
  })
})

describe('describeAccess', () => {
  it.each([
    [{ paths: ['/products/**'] }, 'Allowed are pages such as /products/** with `pageVisitors`.'],
    [{ channels: ['pageVisitors', 'goals'] as const }, 'pages with `pageVisitors`'],
    [{ paths: ['/1', '/2', '/3', '/4', '/5', '/6'] }, 'pages such as /1, /2, /3, /4, /5, … with'],
  ])('names the pages of %j', (scope, text) => {
    expect(describeAccess(toReadAccess(scope, 'scope'))).toContain(text)
  })

  it('names the patterns of both of two scopes, unless none describes the pages', () => {
    const [a, b] = [{ paths: ['/a/**', '/b'] }, { paths: ['/a/**'] }]
    const [first, second] = [toReadAccess(a, 'a'), toReadAccess(b, 'b')]
    expect(describeAccess(intersectAccess(first, second))).toContain('such as /a/** with')
    const other = toReadAccess({ paths: ['/b', '/c'] }, 'c')
    expect(describeAccess(intersectAccess(first, other))).toContain('pages with `pageVisitors`')
  })
})
