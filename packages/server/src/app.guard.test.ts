import { describe, expect, it } from 'vitest'
import { createManualClock } from './testing/clock.ts'
import { createTestServer } from './testing/server.ts'
import { makeToken, secret, shopClaims, signWith } from './testing/token.ts'

/** All routes of a site, with the status of a valid request. */
const routes = [
  { method: 'POST', path: 'events', scope: 'write', good: 202 },
  { method: 'GET', path: 'realtime', scope: 'read', good: 200 },
  { method: 'GET', path: 'realtime/frames?since=1.0', scope: 'read', good: 410 },
  { method: 'GET', path: 'realtime/sse', scope: 'read', good: 200 },
  // Without an upgrade, an authorized request gets 426. Tests with real sockets are in tests/faults.
  { method: 'GET', path: 'realtime/ws', scope: 'read', good: 426 },
  { method: 'GET', path: 'metrics', scope: 'read', good: 200 },
  { method: 'GET', path: 'limits', scope: 'read', good: 200 },
] as const

const readRoutes = routes.filter(route => route.scope === 'read')

const dash = 'https://dash.example'
const evil = 'https://evil.example'
const body = JSON.stringify({ events: [] })
const exp = createManualClock().now() / 1000

/** Returns status, headers and body, without the date and the ID of the request. */
async function readAnswer(answer: Response): Promise<unknown> {
  const headers = [...answer.headers].filter(([name]) => name !== 'x-request-id')
  return [answer.status, headers, await answer.text()]
}

describe.each(routes)('$method $path: token required', ({ method, path, scope, good }) => {
  const server = () =>
    createTestServer({
      sites: ['shop', 'blog'],
      access: { tokens: { secret, scopes: ['read', 'write'] } },
    })
  const init = (headers: Record<string, string>): RequestInit =>
    method === 'POST' ? { method, body, headers } : { method, headers }
  const claims = { ...shopClaims, scope }
  const bearer = (token: string) => ({ Authorization: `Bearer ${token}` })
  const invalid = 'Bearer realm="tidemark", error="invalid_token"'
  const insufficient = 'Bearer realm="tidemark", error="insufficient_scope"'

  it.each([
    ['no token', {}, 'token_missing', 'Bearer realm="tidemark"'],
    ['a token in a cookie', { Cookie: `token=${makeToken(claims)}` }, 'token_missing', undefined],
    ['one that has expired', bearer(makeToken({ ...claims, exp })), 'token_expired', invalid],
    [
      'for another site',
      bearer(makeToken({ ...claims, site: 'x' })),
      'token_insufficient',
      insufficient,
    ],
    [
      'for another scope',
      bearer(makeToken({ ...claims, scope: '' })),
      'token_insufficient',
      insufficient,
    ],
    ['for another audience', bearer(makeToken({ ...claims, aud: '' })), 'token_invalid', invalid],
    ['without a signature', bearer(makeToken(claims, { alg: 'none' })), 'token_invalid', invalid],
    [
      'signed with another secret',
      bearer(makeToken(claims, undefined, signWith('x'.repeat(32)))),
      'token_invalid',
      invalid,
    ],
  ] as const)(
    'refuses a token %s, the same for existing and unknown sites',
    async (_, headers, code, challenge) => {
      const { ask } = server()
      const answer = await ask(`/api/sites/shop/${path}`, init(headers))
      const status = code === 'token_insufficient' ? 403 : 401
      expect(await answer.clone().json()).toMatchObject({ code, status })
      expect(answer.status).toBe(status)
      if (challenge !== undefined) expect(answer.headers.get('WWW-Authenticate')).toBe(challenge)
      const refusal = await readAnswer(await ask(`/api/sites/blog/${path}`, init(headers)))
      for (const site of ['other', '__proto__', '%2e%2e%2fshop', 'x'.repeat(65)]) {
        expect(await readAnswer(await ask(`/api/sites/${site}/${path}`, init(headers)))).toEqual(
          refusal,
        )
      }
    },
  )

  it('authorizes a valid token for its site only', async () => {
    const { ask } = server()
    const headers = bearer(makeToken({ ...claims, exp: exp + 60 }))
    expect((await ask(`/api/sites/shop/${path}`, init(headers))).status).toBe(good)
    expect((await ask(`/api/sites/blog/${path}`, init(headers))).status).toBe(403)
    expect((await ask(`/api/sites/other/${path}`, init(headers))).status).toBe(403)
    // URLs end up in logs and in the browser's history.
    const query = `${path.includes('?') ? '&' : '?'}token=${makeToken(claims)}`
    expect((await ask(`/api/sites/shop/${path}${query}`, init({}))).status).toBe(401)
  })

  it('answers 404 for an unknown site to a token for every site', async () => {
    const { ask } = server()
    const headers = bearer(makeToken({ ...claims, site: '*' }))
    expect((await ask(`/api/sites/blog/${path}`, init(headers))).status).toBe(good)
    expect((await ask(`/api/sites/other/${path}`, init(headers))).status).toBe(404)
  })
})

describe('API with tokens', () => {
  const headers = { Authorization: `Bearer ${makeToken(shopClaims)}` }

  it('lets a tracker send without a token, unless writing requires one', async () => {
    const { send, ask } = createTestServer({ sites: ['shop'], access: { tokens: { secret } } })
    expect((await send({ name: 'page_view' })).status).toBe(202)
    expect((await ask('/api/sites/shop/realtime')).status).toBe(401)
  })

  it('marks answers as private', async () => {
    const { ask } = createTestServer({ access: { tokens: { secret } } })
    const answer = await ask('/api/sites/shop/realtime', { headers })
    expect(answer.headers.get('Cache-Control')).toBe('private, no-cache')
    expect(answer.headers.get('Vary')).toBe('Authorization, Origin')
  })

  it('ends a long poll when its token expires', async () => {
    const { ask, clock, send } = createTestServer({ access: { tokens: { secret } } })
    const token = makeToken({ ...shopClaims, exp: clock.now() / 1000 + 2 })
    const init = { headers: { Authorization: `Bearer ${token}` } }
    const path = '/api/sites/shop/realtime'
    const snapshot = (await (await ask(path, init)).json()) as { cursor: string }
    let isAnswered = false
    const longPoll = ask(`${path}/frames?wait=25&since=${snapshot.cursor}`, init).finally(
      () => (isAnswered = true),
    )
    await ask('/api/health')
    clock.advance(1999)
    await ask('/api/health')
    expect(isAnswered).toBe(false)
    clock.advance(1)
    expect(await (await longPoll).json()).toMatchObject({ frames: [] })
    await send({ name: 'page_view' })
    expect((await ask(`${path}/frames?since=${snapshot.cursor}`, init)).status).toBe(401)
  })

  it('requires none for health and the tracker', async () => {
    const { ask } = createTestServer({ access: { tokens: { secret } } })
    expect((await ask('/api/health')).status).toBe(200)
    expect((await ask('/api/tidemark.js')).status).not.toBe(401)
  })
})

describe.each(readRoutes)('GET $path: allowed origins', ({ path, good }) => {
  const server = () => createTestServer({ sites: ['shop'], access: { allowedOrigins: [dash] } })

  it('answers 403 to other origins, unreadable for their pages', async () => {
    const { ask } = server()
    for (const origin of [evil, 'null', `${dash}.evil.example`]) {
      const answer = await ask(`/api/sites/shop/${path}`, { headers: { Origin: origin } })
      expect(await answer.json()).toMatchObject({ code: 'origin_refused', status: 403 })
      expect(answer.headers.get('Access-Control-Allow-Origin')).toBeNull()
      expect(answer.headers.get('Vary')).toBe('Origin')
    }
  })

  it('lets allowed origins read answers, errors and preflights', async () => {
    const { ask } = server()
    const answers = [
      await ask(`/api/sites/shop/${path}`, { headers: { Origin: dash } }),
      await ask(`/api/sites/other/${path}`, { headers: { Origin: dash } }),
      await ask(`/api/sites/shop/${path}`, { method: 'PUT', headers: { Origin: dash } }),
      await ask(`/api/sites/shop/${path}`, { method: 'OPTIONS', headers: { Origin: dash } }),
    ]
    expect(answers.map(answer => answer.status)).toEqual([good, 404, 405, 204])
    for (const answer of answers) {
      expect(answer.headers.get('Access-Control-Allow-Origin')).toBe(dash)
      expect(answer.headers.get('Vary')).toMatch(/\bOrigin\b/)
      expect(answer.headers.get('Access-Control-Allow-Credentials')).toBeNull()
    }
    expect(answers[3]?.headers.get('Access-Control-Allow-Headers')).toContain('Authorization')
    expect(answers[0]?.headers.get('Access-Control-Expose-Headers')).toContain('ETag')
  })

  it('accepts the server’s own pages and clients without an origin', async () => {
    const { ask } = server()
    const sameOrigin = { Origin: 'https://stats.example' }
    expect((await ask(`/api/sites/shop/${path}`, { headers: sameOrigin })).status).toBe(good)
    const answer = await ask(`/api/sites/shop/${path}`)
    expect(answer.status).toBe(good)
    expect(answer.headers.get('Vary')).toMatch(/\bOrigin\b/)
  })

  it('answers the preflight of other origins without permission', async () => {
    const { ask } = server()
    const init = { method: 'OPTIONS', headers: { Origin: evil } }
    const answer = await ask(`/api/sites/shop/${path}`, init)
    expect([answer.status, answer.headers.get('Vary')]).toEqual([204, 'Origin'])
    expect([...answer.headers.keys()].filter(name => name.startsWith('access'))).toEqual([])
  })
})

describe('API with allowed origins', () => {
  it('lets allowed origins read a 304', async () => {
    const { ask } = createTestServer({ access: { allowedOrigins: [dash] } })
    const etag = (await ask('/api/sites/shop/realtime')).headers.get('ETag') ?? ''
    const answer = await ask('/api/sites/shop/realtime', {
      headers: { Origin: dash, 'If-None-Match': etag },
    })
    expect(answer.status).toBe(304)
    expect(answer.headers.get('Access-Control-Allow-Origin')).toBe(dash)
    expect(answer.headers.get('Vary')).toBe('Authorization, Origin')
    expect(answer.headers.get('Cache-Control')).toBe('private, no-cache')
  })

  it('lets trackers of every origin send, with and without a preflight', async () => {
    const { ask, send } = createTestServer({ sites: ['shop'], access: { allowedOrigins: [] } })
    const answers = [
      await send({ name: 'page_view' }, { headers: { Origin: evil } }),
      await send({}, { headers: { Origin: evil }, site: 'other' }),
      await ask('/api/sites/shop/events', { method: 'OPTIONS', headers: { Origin: evil } }),
      await ask('/api/events/batch', { method: 'OPTIONS', headers: { Origin: evil } }),
      await ask('/api/tidemark.js', { headers: { Origin: evil } }),
      await ask('/tidemark.js', { headers: { Origin: evil } }),
      await ask('/api/health', { headers: { Origin: evil } }),
    ]
    expect(answers.slice(0, 3).map(answer => answer.status)).toEqual([202, 404, 204])
    for (const answer of answers) {
      expect(answer.headers.get('Access-Control-Allow-Origin')).toBe('*')
    }
  })

  it('opens no invented path to every origin', async () => {
    const { ask } = createTestServer({ access: { allowedOrigins: [dash] } })
    for (const path of ['/api/sites/events', '/api/sites/shop/realtime/events', '/api/x']) {
      const answer = await ask(path, { headers: { Origin: evil } })
      expect(answer.status).toBe(404)
      expect(answer.headers.get('Access-Control-Allow-Origin')).toBeNull()
    }
  })
})

it('createTidemark: reports invalid access options without their values', () => {
  const wrong = [
    { access: { tokens: { secret: 'hunter2' } } },
    { access: { tokens: { publicKey: 'hunter2', algorithm: 'ES256' } } },
    { access: { allowedOrigins: ['dash.example'] } },
  ] as const
  for (const options of wrong) {
    expect(() => createTestServer(options)).toThrow(TypeError)
    expect(() => createTestServer(options)).not.toThrow(/hunter2/)
  }
})
