import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { LineError, LogEntry, ParsedLine } from './entry.ts'
import { findPreset } from './presets.ts'

const head = '192.0.2.7 - - [17/May/2015:10:05:03 +0000]'

function parse(line: string, preset = 'combined'): ParsedLine {
  const format = findPreset(preset)
  if (!format) throw new Error(`There is no preset ${preset}.`)
  return format.createParser().parse(line)
}

function entryOf(line: string, preset?: string): LogEntry {
  const parsed = parse(line, preset)
  if (!parsed.ok) throw new Error(`${parsed.error}: ${line}`)
  return parsed.entry
}

function errorOf(line: string): LineError | 'directive' | undefined {
  const parsed = parse(line)
  return parsed.ok ? undefined : parsed.error
}

describe('The preset combined', () => {
  it('reads a line in Combined Log Format', () => {
    const line = `${head} "GET /a?b=c HTTP/1.1" 200 2326 "http://example.com/from" "Mozilla/5.0 (X11)"`
    expect(entryOf(line)).toEqual({
      client: '192.0.2.7',
      siteHost: undefined,
      at: Date.UTC(2015, 4, 17, 10, 5, 3),
      request: { method: 'GET', target: '/a?b=c', protocol: 'HTTP/1.1' },
      status: 200,
      bytes: 2326,
      hasReferrer: true,
      referrer: 'http://example.com/from',
      userAgent: 'Mozilla/5.0 (X11)',
    })
  })

  it('reads a line in Common Log Format, which ends after the size', () => {
    const line = '192.0.2.7 ident frank [10/Oct/2000:13:55:36 -0700] "GET /a.gif HTTP/1.0" 200 2326'
    const entry = entryOf(line)
    expect(entry).toMatchObject({ hasReferrer: false, status: 200, bytes: 2326 })
    expect(entry.referrer).toBeUndefined()
    expect(entry.userAgent).toBeUndefined()
  })

  it('reads - as an absent value', () => {
    const entry = entryOf(`${head} "GET / HTTP/1.1" 304 - "-" "-"`)
    expect(entry.bytes).toBeUndefined()
    expect(entry.referrer).toBeUndefined()
    expect(entry.userAgent).toBeUndefined()
  })

  it.each([
    ['2001:db8::7', '2001:db8::7 - - '],
    ['192.0.2.7', '::ffff:192.0.2.7 - - '],
    ['host.example', 'host.example - - '],
    ['192.0.2.7', '192.0.2.7 - john doe '],
    ['192.0.2.7', '192.0.2.7 - "" '],
  ])('finds the client %s in the line start %j', (client, beginning) => {
    const line = `${beginning}[17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 1 "-" "A"`
    expect(entryOf(line)).toMatchObject({ client, hasReferrer: true })
  })

  it.each([
    ['Apache', String.raw`say \"hi\" \\ \x1b\t`],
    ['nginx', String.raw`say \x22hi\x22 \x5C \x1B\x09`],
  ])('decodes the escapes of %s in each quoted field', (_, field) => {
    const text = 'say "hi" \\ \x1b\t'
    const entry = entryOf(`${head} "GET /${field} HTTP/1.1" 200 1 "${field}" "${field}"`)
    expect(entry).toMatchObject({ referrer: text, userAgent: text })
    expect(entry.request?.target).toBe(`/${text}`)
  })

  it('decodes escaped bytes as UTF-8, and invalid bytes as U+FFFD', () => {
    const agent = String.raw`caf\xc3\xa9 \xe4\xe5 \xed\xa0\x80`
    const { userAgent } = entryOf(`${head} "GET / HTTP/1.1" 200 1 "-" "${agent}"`)
    expect(userAgent).toMatch(/^café \uFFFD+ \uFFFD+$/)
  })

  it('keeps a backslash that escapes nothing', () => {
    const { userAgent } = entryOf(`${head} "GET / HTTP/1.1" 200 1 "-" "C:\\dir \\xZZ"`)
    expect(userAgent).toBe('C:\\dir \\xZZ')
  })

  it('keeps an unescaped quote inside a word, for servers that do not escape', () => {
    const line = `${head} "GET /?q="x"y HTTP/1.1" 200 1 "-" "A"`
    expect(entryOf(line).request?.target).toBe('/?q="x"y')
  })

  it.each([
    ['GET /', { method: 'GET', target: '/', protocol: undefined }],
    ['GET /a b HTTP/1.1', { method: 'GET', target: '/a b', protocol: 'HTTP/1.1' }],
    ['GET http://h.example/a HTTP/1.1', { target: 'http://h.example/a' }],
    ['OPTIONS * HTTP/1.0', { method: 'OPTIONS', target: '*' }],
    ['CONNECT h.example:443 HTTP/1.1', { method: 'CONNECT', target: 'h.example:443' }],
    ['PRI * HTTP/2.0', { method: 'PRI', target: '*', protocol: 'HTTP/2.0' }],
  ])('parses the request line %j', (request, expected) => {
    expect(entryOf(`${head} "${request}" 200 1`).request).toMatchObject(expected)
  })

  it.each(['-', '', 'hello world', String.raw`\x16\x03\x01\x02`, 'GET', '{"id":1}', 'SSH-2.0-Go'])(
    'returns an entry without a request for %j, which is not HTTP',
    request => {
      const entry = entryOf(`${head} "${request}" 400 226 "-" "-"`)
      expect(entry.status).toBe(400)
      expect(entry.request).toBeUndefined()
    },
  )

  it('ignores fields after the user agent, and the preset common fields after the size', () => {
    const combined = `${head} "GET / HTTP/1.1" 200 1 "-" "A" "203.0.113.9" 0.002`
    expect(entryOf(combined)).toMatchObject({ hasReferrer: true, userAgent: 'A' })
    const common = entryOf(`${head} "GET / HTTP/1.1" 200 1 0.002 -`, 'common')
    expect(common.hasReferrer).toBe(false)
  })

  it.each<[LineError, string]>([
    ['head_invalid', 'garbage'],
    ['head_invalid', '{"remote_addr":"192.0.2.7"}'],
    ['time_invalid', '192.0.2.7 - - 17/May/2015:10:05:03 "GET / HTTP/1.1" 200 1'],
    ['time_invalid', '192.0.2.7 - - [31/Feb/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 1'],
    ['request_invalid', `${head} GET / HTTP/1.1 200 1`],
    ['request_invalid', `${head} "GET / HTTP/1.1 200 1`],
    ['request_invalid', `${head} "GET /\\" 200 1`],
    ['status_invalid', `${head} "GET / HTTP/1.1"`],
    ['status_invalid', `${head} "GET / HTTP/1.1" 200`],
    ['status_invalid', `${head} "GET / HTTP/1.1" abc 1`],
    ['status_invalid', `${head} "GET / HTTP/1.1" 200 1x`],
    ['tail_invalid', `${head} "GET / HTTP/1.1" 200 1 "http://cut.example/`],
    ['tail_invalid', `${head} "GET / HTTP/1.1" 200 1 "-"`],
    ['tail_invalid', `${head} "GET / HTTP/1.1" 200 1 "-" "Mozilla/5.0 (cut`],
  ])('returns the error %s for %j', (error, line) => {
    expect(errorOf(line)).toBe(error)
  })

  it('never throws, and returns well-formed text only', () => {
    const anyLine = fc.oneof(
      fc.uint8Array({ maxLength: 40 }).map(bytes => Buffer.from(bytes).toString()),
      fc
        .array(fc.constantFrom('"', '\\', 'x', 'e4', ' ', '[', ']', '-', 'GET /', '1', 'é'))
        .map(pieces => pieces.join('')),
    )
    fc.assert(
      fc.property(anyLine, anyLine, (first, second) => {
        parse(first)
        const parsed = parse(`${head} "${first}" 200 1 "-" "${second}"`)
        if (!parsed.ok) return true
        const { request, userAgent = '', referrer = '' } = parsed.entry
        return `${request?.target} ${userAgent} ${referrer}`.isWellFormed()
      }),
    )
  })

  it('parses a hostile line in linear time', () => {
    const hostile = [
      'a b c' + ' ['.repeat(32_000),
      'a:1 '.repeat(16_000),
      `${head} "${'\\'.repeat(65_000)}`,
    ]
    const startedAt = performance.now()
    for (const line of hostile) expect(errorOf(line)).toBeDefined()
    expect(performance.now() - startedAt).toBeLessThan(500)
  })
})
