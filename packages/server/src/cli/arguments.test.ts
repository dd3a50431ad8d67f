import { describe, expect, it } from 'vitest'
import {
  collect,
  parseAddressBlock,
  parseBaseUrl,
  parseGoal,
  parseHeaderName,
  parseHostName,
  parseLifetime,
  parseOrigin,
  parsePort,
  parseRate,
  parseRetention,
  parseSessionGap,
  parseSite,
  parseSpeed,
  parseTime,
  parseTimeZone,
} from './arguments.ts'

describe('option values', () => {
  it('parse to numbers, times, URLs and goals', () => {
    expect(parseSite('my-shop.example')).toBe('my-shop.example')
    expect(parseSpeed('0.5')).toBe(0.5)
    expect(parseSpeed('1e3')).toBe(1000)
    expect(parseTime('1767225600000')).toBe(Date.UTC(2026, 0, 1))
    expect(parseTime('2026-01-01T00:00:00Z')).toBe(Date.UTC(2026, 0, 1))
    expect(parseTime('2026-01-01T01:00:00+01:00')).toBe(Date.UTC(2026, 0, 1))
    expect(parseBaseUrl('https://stats.example/api/').href).toBe('https://stats.example/api/')
    expect(parseOrigin('https://shop.example/')).toBe('https://shop.example')
    expect(parsePort('0')).toBe(0)
    expect(parseAddressBlock('10.0.0.0/8')).toBe('10.0.0.0/8')
    expect(parseAddressBlock('2001:db8::/32')).toBe('2001:db8::/32')
    expect(parseAddressBlock('::1')).toBe('::1')
    expect(parseHeaderName('CF-IPCountry')).toBe('CF-IPCountry')
    expect(parseRate('burstSeconds=2.5')).toEqual({ burstSeconds: 2.5 })
    expect(parseRate('readsPerSecondPerAddress=none')).toEqual({
      readsPerSecondPerAddress: Infinity,
    })
    expect(parseHostName('[::1]')).toBe('[::1]')
    expect(parseGoal('Signed up=sign_up')).toEqual({ name: 'Signed up', event: 'sign_up' })
    expect(parseGoal('Docs=/docs/**')).toEqual({ name: 'Docs', path: '/docs/**' })
    expect(parseGoal('Docs=**/docs')).toEqual({ name: 'Docs', path: '**/docs' })
    expect(parseGoal('Sum=1+1=2')).toEqual({ name: 'Sum', event: '1+1=2' })
    const collectSite = collect(parseSite)
    expect(collectSite('b', collectSite('a'))).toEqual(['a', 'b'])
  })

  it.each<[(text: string) => unknown, string[]]>([
    [parseSite, ['', 'a b', '../etc', 'ä', 'x'.repeat(65)]],
    [parseSpeed, ['', '0', '-1', 'fast', 'Infinity', 'NaN', '3600x']],
    [parseTime, ['', 'now', '-1', '2026-13-01', 'May 2026']],
    [parseTime, ['9999999999999999', '2026-02-30T99:00:00Z']],
    [parseBaseUrl, ['', '/api', 'ftp://a.example', 'javascript:alert(1)', 'http://a.example/?x=1']],
    [parseOrigin, ['shop.example', 'https://shop.example/path', 'data:,x', 'https://u@h.example']],
    [parsePort, ['', '-1', '65536', '80.5', 'http']],
    [
      parseAddressBlock,
      ['', 'proxy', '10.0.0.0/33', '10.0.0.0/8/8', '::1/129', '10.0.0/8', '::1/'],
    ],
    [parseHostName, ['', 'https://a.example', 'a.example:80', 'a b', '*.example']],
    [parseRate, ['', 'eventsPerSecondPerSite', 'events=5', 'constructor=5']],
    [parseRate, ['burstSeconds=0', 'burstSeconds=-1', 'burstSeconds=1e9', 'burstSeconds=']],
    [parseHeaderName, ['', 'CF IPCountry', 'X:Y', 'Ä']],
    [parseGoal, ['', 'Signed up', '=sign_up', 'Left=']],
    [parseTimeZone, ['', 'Berlin', 'Mars/Olympus', '__proto__']],
  ])('that %o rejects have a remedy', (parse, texts) => {
    for (const text of texts) expect(() => parse(text), text).toThrow(/^Use .+\.$/)
  })

  it('describe the format of a duration without a range that its option does not have', () => {
    const format = 'Use a whole number with the unit s, m, h or d'
    expect(() => parseRetention('2days')).toThrow(`${format}, for example 48h or 90d, or forever.`)
    expect(() => parseSessionGap('30min')).toThrow(`${format}, from 1m to 1d, for example 30m.`)
    expect(() => parseLifetime('1y')).toThrow(`${format}, from 1s to 100 years, for example 15m`)
  })

  it('name the reason for which a well-formed goal is invalid', () => {
    expect(() => parseGoal('Alive=heartbeat')).toThrow(/"Alive".*heartbeat/)
  })

  it.each([
    ['Docs=docs/**', "A path starts with /: 'Docs=/docs/**'."],
    ['Docs=*/docs', "A path starts with /: 'Docs=/*/docs'."],
    ['Docs=https://shop.example/docs', "A path starts with /: 'Docs=/docs'."],
  ])('suggest a path for the goal %s, which no event would reach', (text, suggestion) => {
    expect(() => parseGoal(text)).toThrow(suggestion)
  })
})
