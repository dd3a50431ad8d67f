import Bowser from 'bowser'
import fc from 'fast-check'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { browserNames } from './browser.ts'
import { brandedBrowsers } from './client-hints.ts'
import { parseUserAgent } from './parse-user-agent.ts'
import { systemNames } from './platform.ts'
import { parseSender, parseStatedUserAgent } from './sender-user-agent.ts'

const mac = 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)'
const iphone = 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X)'

describe('parseUserAgent', () => {
  it('does not treat a missing header as a bot', () => {
    expect(parseUserAgent('')).toEqual({
      device: 'other',
      browser: '(unknown)',
      browserVersion: '(unknown)',
      os: '(unknown)',
      osVersion: '(unknown)',
      bot: undefined,
      isHttpClient: false,
    })
  })

  it('returns the same facts for the same header, also from its cache', () => {
    const header = `${iphone} Version/18.0 Mobile/15E148 Safari/604.1`
    const first = parseUserAgent(header)
    expect(parseUserAgent(header)).toBe(first)
    expect(parseUserAgent(header, { touch: 5 })).toMatchObject({ device: 'mobile', os: 'iOS' })
  })

  // https://developer.apple.com/forums/thread/119186: an iPad has five touch points, a Mac none.
  it.each([
    [undefined, 'desktop', 'macOS', 'macOS (unknown)'],
    [0, 'desktop', 'macOS', 'macOS (unknown)'],
    [1, 'desktop', 'macOS', 'macOS (unknown)'],
    [5, 'tablet', 'iOS', 'iOS 26'],
  ])('with the user agent of a Mac and %s touch points is a %s', (touch, device, os, osVersion) => {
    const header = `${mac} AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15`
    const browserVersion = 'Safari 26'
    expect(parseUserAgent(header, { touch })).toMatchObject({
      device,
      os,
      osVersion,
      browserVersion,
    })
  })

  it('does not take a laptop with Windows and a touch screen for a tablet', () => {
    const header =
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:142.0) Gecko/20100101 Firefox/142.0'
    expect(parseUserAgent(header, { touch: 10 })).toMatchObject({ device: 'desktop' })
  })
})

describe('parseSender and parseStatedUserAgent', () => {
  it('say that the HTTP client of a server is no bot, but that a stated one is', () => {
    expect(parseSender('curl/8.5.0', true)).toMatchObject({ bot: undefined, isHttpClient: false })
    expect(parseSender('curl/8.5.0', false)).toMatchObject({ bot: 'curl', isHttpClient: true })
    expect(parseSender('Googlebot/2.1', true)).toMatchObject({ bot: 'Googlebot' })
    expect(parseStatedUserAgent('curl/8.5.0')).toMatchObject({ bot: 'curl', isHttpClient: false })
  })
})

describe('parseSender', () => {
  // The user agents of `fetch`: https://fetch.spec.whatwg.org/#default-user-agent-value, as implemented.
  it.each([
    ['node', 'Node.js'],
    ['undici', 'undici'],
    ['Deno/2.1.7', 'Deno'],
    ['Bun/1.0.6', 'Bun'],
    ['Node.js/22', 'Node.js'],
  ])(
    'takes the runtime %s for an HTTP client such as curl, with the name %s, unless it has a write key',
    (userAgent, bot) => {
      expect(parseSender(userAgent, false)).toMatchObject({ bot, isHttpClient: true })
      expect(parseSender(userAgent, true)).toMatchObject({ bot: undefined, isHttpClient: false })
    },
  )
})

describe('parseUserAgent: invented headers', () => {
  it.each([
    '\u0000\u202e constructor __proto__',
    '__proto__/1.0 (x)',
    'toString/1.0 (x)',
    'Evil Name/1.0 (x)',
    '<script>alert(1)</script>/2.0 ',
    ' ',
    '/',
  ])('have the browser and system (unknown): %j', userAgent => {
    expect(parseUserAgent(userAgent)).toMatchObject({
      browser: '(unknown)',
      os: '(unknown)',
    })
  })

  it('are truncated to 512 characters', () => {
    const long = `${' '.repeat(600)}${iphone}`
    expect(parseUserAgent(long)).toMatchObject({ device: 'other', os: '(unknown)' })
    expect(parseUserAgent(`${iphone}${' '.repeat(600)}Googlebot`)).toMatchObject({
      device: 'mobile',
      bot: undefined,
    })
  })
})

describe('parseUserAgent: slow headers', () => {
  // Long repetitions for the regular expressions of Bowser and isbot, without a match at the end.
  it.each([
    'a',
    'A ',
    '1',
    '/',
    ' /',
    ' (',
    'version/1',
    'opt/1_',
    'nexus ',
    'se 1.',
    'os 1_1 ',
    'like android ',
    'mozilla/5.0 (',
    '@a-',
    ';a ',
    'slackbot-',
    'yahoo! ',
  ])('parses repetitions of %j in linear time', unit => {
    const text = unit.repeat(512).slice(0, 500)
    const times = Array.from({ length: 5 }, (_, i) => {
      const before = performance.now()
      parseUserAgent(`${text}${unit.length}${i}`)
      return performance.now() - before
    })
    // The slowest header found takes 0.13 ms. Exponential backtracking would take seconds.
    expect(Math.min(...times)).toBeLessThan(5)
  })
})

/** Source code of Bowser, before bundling. */
const sourceOfBowser = (file: string): string => {
  const entry = createRequire(import.meta.url).resolve('bowser')
  return readFileSync(join(entry, '..', 'src', file), 'utf8')
}

describe('parseUserAgent: names', () => {
  const named = [...sourceOfBowser('parser-browsers.js').matchAll(/name:(.*)/g)].map(
    ([, value = '']) => value.trim(),
  )
  const literals = named.flatMap(value => [...value.matchAll(/'([^']*)'/g)].map(([, text]) => text))

  it('come from the header in only one place of Bowser, its last', () => {
    expect(named.filter(value => !value.includes("'"))).toEqual([
      'Utils.getFirstMatch(regexp, ua),',
    ])
  })

  it('include all browser names of Bowser', () => {
    expect(literals.length).toBeGreaterThan(50)
    const known = new Set(Object.values(Bowser.BROWSER_MAP))
    const missing = literals.filter(name => name !== undefined && !known.has(name))
    // Names that Bowser returns but does not list.
    for (const name of missing)
      expect(parseUserAgent(`${name}/1.0 (x)`).browser).not.toBe('(unknown)')
    expect(new Set(missing).size).toBeLessThan(10)
  })

  it('are from the fixed set for any header', () => {
    const known = new Set([...browserNames, ...brandedBrowsers, ...systemNames, '(unknown)'])
    const shown = (name: string): boolean => known.has(name)
    const piece = fc.oneof(
      fc.string({ maxLength: 10 }),
      fc.constantFrom(
        '/1.0 ',
        ' (',
        ')',
        'Mozilla/5.0',
        'Chrome',
        'Linux',
        'opr/',
        'like Gecko',
        ...Object.values(Bowser.BROWSER_MAP),
      ),
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), pieces => {
        const { browser, os, browserVersion, osVersion, bot } = parseUserAgent(pieces.join(''))
        expect([shown(browser), shown(os)]).toEqual([true, true])
        expect(browserVersion).toMatch(/^\(unknown\)$|.* (\d{1,4}|\(unknown\))$/)
        expect(osVersion).toMatch(/^[\w .()]+$/)
        expect(bot ?? '').toMatch(/^[\w .!'&-]{0,40}$|^\(unknown\)$/)
      }),
      { numRuns: 2000 },
    )
  })
})
