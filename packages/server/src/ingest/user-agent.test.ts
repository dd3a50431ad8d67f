import Bowser from 'bowser'
import fc from 'fast-check'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type UserAgent, parseUserAgent } from './user-agent.ts'

const webkit = 'AppleWebKit/537.36 (KHTML, like Gecko)'
const iosWebkit = 'AppleWebKit/605.1.15 (KHTML, like Gecko)'
const windows = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64)'
const android = 'Mozilla/5.0 (Linux; Android 10; K)'
const mac = 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)'
const iphone = 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X)'

describe('parseUserAgent: browsers', () => {
  it.each<[string, UserAgent['device'], string, string]>([
    [`${windows} ${webkit} Chrome/140.0.0.0 Safari/537.36`, 'desktop', 'Chrome', 'Windows'],
    [
      `${windows} ${webkit} Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0`,
      'desktop',
      'Edge',
      'Windows',
    ],
    [
      `${windows} ${webkit} Chrome/140.0.0.0 Safari/537.36 OPR/124.0.0.0`,
      'desktop',
      'Opera',
      'Windows',
    ],
    [`${mac} ${iosWebkit} Version/18.0 Safari/605.1.15`, 'desktop', 'Safari', 'macOS'],
    [`${mac} ${iosWebkit} Version/18.0 Safari/605.1.15 Ddg/18.0`, 'desktop', 'DuckDuckGo', 'macOS'],
    [
      'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
      'desktop',
      'Firefox',
      'Linux',
    ],
    [
      `Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) ${webkit} Chrome/140.0.0.0 Safari/537.36`,
      'desktop',
      'Chrome',
      'Chrome OS',
    ],
    [`${android} ${webkit} Chrome/140.0.0.0 Mobile Safari/537.36`, 'mobile', 'Chrome', 'Android'],
    [
      'Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0',
      'mobile',
      'Firefox',
      'Android',
    ],
    [
      `${android} ${webkit} SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36`,
      'mobile',
      'Samsung Internet',
      'Android',
    ],
    [`${iphone} ${iosWebkit} Version/18.0 Mobile/15E148 Safari/604.1`, 'mobile', 'Safari', 'iOS'],
    [
      `${iphone} ${iosWebkit} CriOS/140.0.0.0 Mobile/15E148 Safari/604.1`,
      'mobile',
      'Chrome',
      'iOS',
    ],
    [
      `${iphone} ${iosWebkit} EdgiOS/140.0.0.0 Version/18.0 Mobile/15E148 Safari/604.1`,
      'mobile',
      'Edge',
      'iOS',
    ],
    [
      `Mozilla/5.0 (iPad; CPU OS 16_0 like Mac OS X) ${iosWebkit} Version/16.0 Mobile/15E148 Safari/604.1`,
      'tablet',
      'Safari',
      'iOS',
    ],
    [
      `Mozilla/5.0 (SMART-TV; LINUX; Tizen 6.0) ${webkit} SamsungBrowser/3.0 TV Safari/537.36`,
      'tv',
      'Samsung Internet',
      'Tizen',
    ],
    [
      'Mozilla/5.0 (Windows NT 10.0; WOW64; Trident/7.0; rv:11.0) like Gecko',
      'desktop',
      'Internet Explorer',
      'Windows',
    ],
  ])('%s', (userAgent, device, browser, os) => {
    const expected = { device, browser, os, isBot: false }
    expect(parseUserAgent(userAgent)).toEqual(expected)
    expect(parseUserAgent(userAgent)).toEqual(expected)
  })
})

describe('parseUserAgent: bots', () => {
  it.each<[string, UserAgent['device']]>([
    ['Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)', 'bot'],
    [`Mozilla/5.0 ${webkit}; compatible; GPTBot/1.2; +https://openai.com/gptbot`, 'bot'],
    [`${windows} ${webkit} HeadlessChrome/140.0.0.0 Safari/537.36`, 'desktop'],
    ['curl/8.5.0', 'other'],
    ['python-requests/2.32.3', 'other'],
    ['Go-http-client/2.0', 'other'],
    ['node', 'other'],
  ])('recognizes %s', (userAgent, device) => {
    expect(parseUserAgent(userAgent)).toMatchObject({ device, isBot: true })
  })

  it('does not treat a missing header as a bot', () => {
    expect(parseUserAgent('')).toEqual({
      device: 'other',
      browser: '(unknown)',
      os: '(unknown)',
      isBot: false,
    })
  })
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
      device: 'other',
      browser: '(unknown)',
      os: '(unknown)',
    })
  })

  it('are truncated to 512 characters', () => {
    const long = `${' '.repeat(600)}${iphone}`
    expect(parseUserAgent(long)).toMatchObject({ device: 'other', os: '(unknown)' })
    expect(parseUserAgent(`${iphone}${' '.repeat(600)}Googlebot`)).toMatchObject({
      device: 'mobile',
      isBot: false,
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
    const shown = (name: string): boolean => known.has(name)
    const known = new Set([
      ...literals,
      ...Object.values(Bowser.BROWSER_MAP),
      ...Object.values(Bowser.OS_MAP),
      ...['(unknown)', 'Edge', 'Samsung Internet', 'Whale', 'MIUI Browser'],
    ])
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
        const { browser, os } = parseUserAgent(pieces.join(''))
        expect([shown(browser), shown(os)]).toEqual([true, true])
      }),
      { numRuns: 2000 },
    )
  })
})
