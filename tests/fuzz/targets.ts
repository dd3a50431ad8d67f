import { type ErrorCode, errors } from '@tidemark/protocol'
import { ServerWarning, createTidemark } from '@tidemark/server'
import { onTestFinished } from 'vitest'
import { FormatError } from '../../packages/server/src/access-log/format/format-error.ts'
import { compileFormat } from '../../packages/server/src/access-log/format/format-string.ts'
import {
  FormatUnknownError,
  recognizeFormat,
} from '../../packages/server/src/access-log/recognize.ts'
import { makeToken, secret, shopClaims } from '../../packages/server/src/testing/token.ts'
import { openConfigFile, openVariable } from './config-target.ts'
import type { FuzzTarget } from './fuzz-target.ts'
import { openSocketTarget } from './socket-target.ts'

const origin = 'http://localhost'
const site = `${origin}/api/sites/shop`

type Server = Pick<ReturnType<typeof createTidemark>, 'fetch'>

/** Fails for every internal error. Warnings to the operator are expected. */
function ignoreWarnings(error: unknown): void {
  if (!(error instanceof ServerWarning)) throw error
}

function openServer(options: Parameters<typeof createTidemark>[0] = {}): Server {
  const tidemark = createTidemark({ onError: ignoreWarnings, ...options })
  onTestFinished(() => tidemark.close())
  return tidemark
}

/**
 * Returns whether an answer has one of the expected statuses. Otherwise it must be a problem of the protocol that is
 * the client's fault.
 */
async function checkAnswer(answer: Response, expected: readonly number[]): Promise<boolean> {
  const text = await answer.text()
  if (expected.includes(answer.status)) return true
  const { code } = JSON.parse(text) as { code: ErrorCode }
  const { status } = errors[code]
  if (status === answer.status && (status < 500 || code === 'too_busy')) return false
  throw new Error(`Status ${answer.status}: ${text.slice(0, 500)}`)
}

const page = 'https://shop.example/products/boots?utm_source=news&utm_medium=email#/size'

const batches = [
  {
    name: 'page_view',
    url: page,
    referrer: 'https://www.google.com/search?q=boots',
    title: 'Boots',
  },
  {
    client: 'c1',
    sentAt: 1_750_000_000_000,
    visitorId: 'v1',
    screen: '1920x1080',
    language: 'de-CH',
    events: [
      { n: 1, name: 'page_view', url: page, timestamp: 1_750_000_000_000 },
      { n: 2, name: 'purchase', value: 12.5, properties: { plan: 'pro', count: 2, trial: false } },
      { n: 3, name: 'engagement', value: 12_000, url: page },
      { n: 4, name: 'heartbeat' },
      { n: 5, name: 'outbound', properties: { url: 'https://example.org/x' } },
    ],
  },
].map(batch => JSON.stringify(batch))

function openEvents(): FuzzTarget {
  const server = openServer()
  return {
    valid: batches,
    async parse(body) {
      const request = new Request(`${site}/events`, { method: 'POST', body })
      return checkAnswer(await server.fetch(request), [202])
    },
  }
}

/** Fuzzes the text after a path of the site. A fragment is not sent, so `#` is escaped. */
function openUrl(
  path: string,
  valid: readonly string[],
  expected: readonly number[] = [200],
): FuzzTarget {
  const server = openServer()
  return {
    valid,
    async parse(text) {
      const url = URL.parse(`${site}/${path}${text.replaceAll('#', '%23')}`)
      if (url?.origin !== origin || url.href.length > maxHeadLength) return undefined
      return checkAnswer(await server.fetch(new Request(url)), expected)
    },
  }
}

/** Node refuses requests with longer URLs and headers. */
const maxHeadLength = 16_384

function isHeader(text: string): boolean {
  return text.length <= maxHeadLength && /^[\t\u0020-\u007e\u0080-\u00ff]*$/.test(text)
}

/** Fuzzes a header. Texts that no HTTP parser passes on are skipped. */
function openHeader(
  server: Server,
  name: string,
  valid: readonly string[],
  isAllowed: (answer: Response, text: string) => boolean = () => true,
): FuzzTarget {
  return {
    valid,
    async parse(text) {
      if (!isHeader(text)) return undefined
      const answer = await server.fetch(
        new Request(`${site}/realtime?channels=currentVisitors`, { headers: { [name]: text } }),
      )
      if (!isAllowed(answer, text.trim())) throw new Error(`Status ${answer.status}`)
      return checkAnswer(answer, [200, 304])
    },
  }
}

function openToken(): FuzzTarget {
  const token = makeToken(shopClaims)
  const server = openServer({ access: { tokens: { secret } } })
  const signed = token.slice(0, token.lastIndexOf('.'))
  return openHeader(
    server,
    'Authorization',
    [`Bearer ${token}`, `bearer ${makeToken({ ...shopClaims, exp: 4_000_000_000 })}`],
    // The signed part decides: base64url has several spellings of one signature.
    (answer, text) => answer.status !== 200 || text.includes(signed) || isSecondToken(text),
  )
}

function isSecondToken(text: string): boolean {
  const token = makeToken({ ...shopClaims, exp: 4_000_000_000 })
  return text.includes(token.slice(0, token.lastIndexOf('.')))
}

const userAgent = 'Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0'

function openLogLine(): FuzzTarget {
  const start = '203.0.113.9 - - [17/May/2015:10:05:03 +0000]'
  return {
    valid: [
      `${start} "GET /a?b=%20c HTTP/1.1" 200 512 "https://example.org/" "${userAgent}"`,
      `shop.example:443 2001:db8::1 - ann [17/May/2015:10:05:03 -0330] "POST / HTTP/2.0" 302 - "-" "\\x22a\\\\"`,
    ],
    parse(line) {
      return Promise.resolve(isRead(() => recognizeFormat([{ number: 1, text: line, endByte: 0 }])))
    },
  }
}

function openLogFormat(): FuzzTarget {
  return {
    valid: [
      `log_format main '$remote_addr - $remote_user [$time_local] "$request" ' '$status "$http_referer"';`,
      String.raw`LogFormat "%v:%p %{c}a %{%d/%b/%Y %T}t.%{msec_frac}t \"%m %U%q %H\" %>s" vhost`,
    ],
    parse(text) {
      return Promise.resolve(isRead(() => compileFormat(text)))
    },
  }
}

/** Returns whether a log is read; every other error than those for the user fails the test. */
function isRead(read: () => unknown): boolean {
  try {
    return read() !== undefined
  } catch (error) {
    if (error instanceof FormatError || error instanceof FormatUnknownError) return false
    throw error
  }
}

const now = Date.now()

/** Creates each target anew, with a server of its own. */
export const targets: Readonly<Record<string, () => FuzzTarget | Promise<FuzzTarget>>> = {
  'an event or a batch': openEvents,
  'a history query': () =>
    openUrl('metrics?', [
      `from=${now - 3_600_000}&to=${now}&granularity=minute&by=path&limit=10`,
      'granularity=hour&by=referrer&row=google.com',
      `from=2026-01-01&to=2026-02-01&granularity=day`,
    ]),
  'a selection': () =>
    openUrl('realtime?', [
      'channels=currentVisitors,activePages&minutes=5',
      'channels=pageVisitors&path=/products/boots&path=/',
      'channels=properties&property=purchase.plan&property=shop%5C.buy.plan',
    ]),
  'a cursor': () =>
    openUrl('realtime/frames?wait=0&since=', ['1.1', '1750000000000.42'], [200, 410]),
  'a path of the API': () => openUrl('../', ['shop/realtime', 'shop/limits', 'shop%2e/metrics']),
  'an ETag': () =>
    openHeader(openServer(), 'If-None-Match', ['"1.1"', 'W/"1.2", "1.3"', '*', '"1.1-gzip"']),
  'a token': openToken,
  'a user agent': () => openSenderHeader('User-Agent', [userAgent, 'Googlebot/2.1 (+http://x)']),
  'forwarded addresses': () =>
    openSenderHeader('X-Forwarded-For', ['203.0.113.9, 198.51.100.1', '[2001:db8::1]:443']),
  'an origin': () =>
    openHeader(
      openServer({ access: { allowedOrigins: ['https://dash.example'] } }),
      'Origin',
      ['https://dash.example', origin],
      ({ status }, text) =>
        status !== 200 || text === 'https://dash.example' || text === origin || text === '',
    ),
  'a line of an access log': openLogLine,
  'a format of an access log': openLogFormat,
  'a WebSocket message': openSocketTarget,
  'a configuration file': openConfigFile,
  'an environment variable': openVariable,
}

function openSenderHeader(name: string, valid: readonly string[]): FuzzTarget {
  const server = openServer({ proxy: { trusted: ['0.0.0.0/0', '::/0'] } })
  return {
    valid,
    async parse(text) {
      if (!isHeader(text)) return undefined
      const request = new Request(`${site}/events`, {
        method: 'POST',
        headers: { [name]: text },
        body: JSON.stringify({ name: 'page_view', url: page }),
      })
      return checkAnswer(await server.fetch(request, { address: '198.51.100.7' }), [202])
    },
  }
}
