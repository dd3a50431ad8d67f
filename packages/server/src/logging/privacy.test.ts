import fc from 'fast-check'
import { PassThrough } from 'node:stream'
import { expect, it } from 'vitest'
import { createTestServer } from '../testing/server.ts'
import { logFormats, createLogger } from './logger.ts'

/** Marks every text that a client sends. */
const mark = 'SECRET'

/** A text with the mark, also with line breaks and characters of other formats around it. */
const marked = fc
  .tuple(fc.constantFrom('', '\r\n', '"', '{', '\u2028', '<', ' ', '%0d%0a'), fc.string())
  .map(([before, after]) => `${before}${mark}${after}`)
const value = fc.oneof(marked, fc.constant(1), fc.constant(null), fc.constant(-1), fc.object())

/** A text that a header can contain. */
const header = fc.stringMatching(/^[\w ;,=./:{}"'-]{0,20}$/).map(text => `${mark}${text}`.trim())

const event = fc.record(
  {
    name: fc.oneof(marked, fc.constant('page_view')),
    url: fc.oneof(
      marked,
      marked.map(text => `https://${mark}.example/${text}?q=${text}#${text}`),
    ),
    referrer: value,
    title: value,
    visitorId: value,
    sessionId: value,
    userId: value,
    timestamp: value,
    n: value,
    properties: fc.oneof(value, fc.dictionary(marked, marked)),
    value,
  },
  { requiredKeys: [] },
)

const body = fc.oneof(
  marked,
  event.map(each => JSON.stringify(each)),
  fc
    .record(
      { client: value, sentAt: value, automated: value, events: fc.array(event, { maxLength: 3 }) },
      { requiredKeys: ['events'] },
    )
    .map(each => JSON.stringify(each)),
)

const headers = fc.record(
  {
    Authorization: header.map(text => `Bearer ${text}`),
    Cookie: header,
    'User-Agent': header,
    Referer: header,
    Origin: header,
    'X-Forwarded-For': header,
    'X-Request-Id': header,
    'CF-IPCountry': header,
    'Last-Event-ID': header,
    'If-None-Match': header,
    'Content-Type': header,
    'Content-Encoding': header,
    'Accept-Encoding': header,
    'Sec-WebSocket-Protocol': header,
    Upgrade: fc.constant('websocket'),
    Connection: fc.constant('Upgrade'),
  },
  { requiredKeys: [] },
)

const request = fc.record({
  method: fc.constantFrom('GET', 'POST', 'PUT', 'OPTIONS', 'DELETE'),
  site: fc.oneof(fc.constant('shop'), marked),
  route: fc.oneof(
    fc.constantFrom('events', 'realtime', 'realtime/frames', 'realtime/sse', 'realtime/ws'),
    fc.constantFrom('metrics', 'limits'),
    marked,
  ),
  query: fc.dictionary(
    fc.oneof(marked, fc.constantFrom('channels', 'since', 'wait', 'from', 'by', 'path', 'minutes')),
    marked,
  ),
  headers,
  body,
  /** The result of the host's function. */
  isAllowed: fc.boolean(),
  fails: fc.boolean(),
})

type Sent = typeof request extends fc.Arbitrary<infer Value> ? Value : never

it.each(logFormats)(
  'Log: has one line per fact, and nothing that a client has sent, as %s',
  async format => {
    const output = new PassThrough()
    let current: Sent | undefined
    const { tidemark, clock } = createTestServer({
      sites: ['shop'],
      proxy: { countryHeader: 'CF-IPCountry' },
      log: { logger: createLogger({ level: 'debug', format }, 'debug', output) },
      access: {
        authorize(asked) {
          if (current?.fails)
            throw new Error(`${asked.url} ${[...asked.headers].join('\n    at ')}`)
          return current?.isAllowed === true
        },
      },
    })
    await tidemark.ready
    let requests = 0

    async function send(sent: Sent): Promise<void> {
      current = sent
      requests++
      const search = String(new URLSearchParams(sent.query))
      const path = `/api/sites/${encodeURIComponent(sent.site)}/${encodeURI(sent.route)}`
      const asked = new Request(`http://${mark}.example${path}?${search}`, {
        method: sent.method,
        headers: sent.headers,
        ...(sent.method !== 'GET' && { body: sent.body }),
      })
      const answer = await tidemark.fetch(asked, { address: '203.0.113.77' })
      await answer.body?.cancel()
      clock.advance(61_000)
      const text = String(output.read() ?? '')
      expect(text).not.toContain(mark)
      expect(text).not.toContain('secret.example')
      expect(text).not.toContain('203.0.113.77')
      const isLine = format === 'json' ? /^\{"level":"\w+",.*\}$/ : /^\d\d:\d\d:\d\d [A-Z]{4}/
      for (const line of text.split('\n').slice(0, -1)) expect(line).toMatch(isLine)
    }

    await fc.assert(fc.asyncProperty(request, send), { numRuns: 150 })
    expect(requests).toBeGreaterThan(100)
  },
)

it.each([
  ['refused', {}, 'token_missing'],
  ['refused', { Authorization: 'Bearer SECRET.SECRET.SECRET' }, 'token_invalid'],
])('Log: has a line of kind %s for the headers %j', async (kind, sent, code) => {
  const output = new PassThrough()
  const { ask } = createTestServer({
    log: { logger: createLogger({ level: 'info' }, 'info', output) },
    access: { tokens: { secret: 'x'.repeat(32) } },
  })
  await ask('/api/sites/shop/realtime', { headers: sent })
  const text = String(output.read())
  expect(text).toContain(`"kind":"${kind}","code":"${code}"`)
  expect(text).not.toContain(mark)
})
