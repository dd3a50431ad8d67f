import { expect, it } from 'vitest'
import type { Logger } from '../logging/logger.ts'
import { createTestServer } from '../testing/server.ts'

interface Line {
  readonly level: string
  readonly message: string
  readonly [field: string]: unknown
}

function createRecorder(): { logger: Logger; lines: Line[] } {
  const lines: Line[] = []
  const record =
    (level: string) =>
    (fields: object, message: string): void =>
      void lines.push({ level, message, ...fields })
  const logger = {
    debug: record('debug'),
    info: record('info'),
    warn: record('warn'),
    error: record('error'),
  }
  return { logger, lines }
}

const randomId = /^[\da-f-]{36}$/

it.each([
  '/',
  '/other',
  '/health',
  '/ready',
  '/tidemark.js',
  '/api/tidemark.js',
  '/api/other',
  '/api/sites/shop/realtime',
  '/api/sites/shop/realtime/ws',
  '/api/sites/shop/metrics',
  '/api/sites/.shop/limits',
])('API: answers with a new ID for each request: %s', async path => {
  const { ask } = createTestServer()
  const ids = [await ask(path), await ask(path)].map(({ headers }) => headers.get('X-Request-Id'))
  expect(ids).toEqual([expect.stringMatching(randomId), expect.stringMatching(randomId)])
  expect(ids[0]).not.toBe(ids[1])
})

it('API: lets pages read the ID, also of the answer to events', async () => {
  const { ask, send } = createTestServer()
  for (const answer of [await send({ name: 'a' }), await ask('/api/other'), await ask('/other')]) {
    expect(answer.headers.get('X-Request-Id')).toMatch(randomId)
    expect(answer.headers.get('Access-Control-Expose-Headers')).toBe(
      'ETag,Retry-After,X-Request-Id,X-Next-Index',
    )
  }
})

it.each([
  [['127.0.0.1'], 'edge-0123456789', 'edge-0123456789'],
  [['127.0.0.1'], 'short', undefined],
  [['127.0.0.1'], 'x'.repeat(129), undefined],
  [['127.0.0.1'], 'with space', undefined],
  [['10.0.0.1'], 'edge-0123456789', undefined],
  [undefined, 'edge-0123456789', undefined],
])(
  'API: with the trusted proxies %j, a request with the ID %s keeps it: %s',
  async (trusted, sent, kept) => {
    const { ask } = createTestServer({ proxy: trusted ? { trusted } : {} })
    const answer = await ask('/health', { headers: { 'X-Request-Id': sent } })
    const id = answer.headers.get('X-Request-Id')
    if (kept === undefined) expect(id).toMatch(randomId)
    else expect(id).toBe(kept)
  },
)

it('API: writes a line with the ID of a failed request, which its answer has in header and body', async () => {
  const { logger, lines } = createRecorder()
  const failure = new RangeError('a message')
  const { ask } = createTestServer({
    log: { logger },
    access: {
      authorize() {
        throw failure
      },
    },
  })
  const answer = await ask('/api/sites/shop/realtime')
  const id = answer.headers.get('X-Request-Id')
  expect(await answer.json()).toMatchObject({ status: 500, code: 'internal', requestId: id })
  expect(answer.headers.get('Content-Type')).toBe('application/problem+json')
  expect(answer.headers.get('Cache-Control')).toBe('no-store')
  expect(answer.headers.get('Access-Control-Allow-Origin')).toBe('*')
  expect(lines.filter(({ level }) => level !== 'info')).toEqual([
    {
      ...{ level: 'error', kind: 'internal_error', message: 'An internal error occurred.' },
      ...{ requestId: id, error: 'RangeError', stack: expect.any(Array) },
    },
  ])
})

it('API: writes one line for the first refusal of a kind, and one summary per minute', async () => {
  const { logger, lines } = createRecorder()
  const { ask, clock, tidemark } = createTestServer({ log: { logger }, sites: ['shop'] })
  await tidemark.ready
  lines.length = 0
  const first = await ask('/api/sites/other/realtime')
  for (let count = 0; count < 4; count++) await ask('/api/sites/other/metrics')
  await ask('/api/none')
  expect(lines).toEqual([
    {
      ...{ level: 'info', kind: 'refused', code: 'site_unknown', status: 404 },
      ...{ route: '/sites/:site/realtime', requestId: first.headers.get('X-Request-Id') },
      message: 'Refused a request with 404 site_unknown.',
    },
    expect.objectContaining({ code: 'not_found', route: 'other' }),
  ])
  lines.length = 0
  clock.advance(60_000)
  expect(lines).toEqual([
    {
      ...{ level: 'info', kind: 'refused', code: 'site_unknown', status: 404, count: 4 },
      message: 'Refused 4 more requests with 404 site_unknown in a minute.',
    },
  ])
})

it('API: answers also when the logger throws', async () => {
  const fail = (): never => {
    throw new Error('The logger fails.')
  }
  const logger = { debug: fail, info: fail, warn: fail, error: fail }
  const { ask } = createTestServer({ log: { logger } })
  expect((await ask('/api/none')).status).toBe(404)
})

it('createTidemark: passes the first warning of a limit to onError, and counts all in the log', async () => {
  const { logger, lines } = createRecorder()
  const reported: unknown[] = []
  const never = (): Promise<boolean> => new Promise(() => {})
  const { ask, clock } = createTestServer({
    log: { logger },
    onError: error => void reported.push(error),
    access: { authorize: never, authorizeTimeoutMs: 1000 },
  })
  for (let count = 0; count < 3; count++) {
    const answer = ask('/api/sites/shop/limits')
    await new Promise(setImmediate)
    clock.advance(1000)
    expect((await answer).status).toBe(503)
  }
  clock.advance(60_000)
  expect(reported).toHaveLength(1)
  const timeouts = lines.filter(({ kind }) => kind === 'authorize_timeout')
  expect(timeouts).toMatchObject([{ timeoutMs: 1000 }, { timeoutMs: 1000, count: 2 }])
})
