import { describe, expect, it } from 'vitest'
import { createManualClock } from '../testing/clock.ts'
import { makeToken, secret, shopClaims } from '../testing/token.ts'
import type { Authorization, Refusal } from './authorization.ts'
import { type AuthorizerOptions, createAuthorizer, isSiteId } from './authorizer.ts'
import { createOrigins } from './origins.ts'
import { createTokens } from './tokens.ts'
import type { Authorize } from './verdict.ts'

const clock = createManualClock()
const now = clock.now()
const tokens = createTokens({ secret }, clock)
const token = makeToken(shopClaims)

const address = 'http://stats.example/'
const request = new Request(address)
const from = (headers: Record<string, string>): Request => new Request(address, { headers })
const bearer = (text: string): Request => from({ Authorization: `Bearer ${text}` })
const handshake = (headers: Record<string, string>): Request =>
  from({ Upgrade: 'websocket', ...headers })

const errors: unknown[] = []
const createTestAuthorizer = (
  options: Partial<AuthorizerOptions> = {},
): ReturnType<typeof createAuthorizer> => {
  const rules = createRules(options)
  return createAuthorizer(() => rules)
}

const createRules = (options: Partial<AuthorizerOptions> = {}): AuthorizerOptions => ({
  sites: undefined,
  authorize: undefined,
  clock,
  onError: error => void errors.push(error),
  ...options,
})

/** Returns the authorization of an allowed request. */
async function expectAuthorized(answer: Promise<Authorization | Refusal>): Promise<Authorization> {
  const authorization = await answer
  if ('code' in authorization) throw new Error(`Refused: ${authorization.code}`)
  return authorization
}

describe('isSiteId', () => {
  it.each(['a', 'shop', 'shop.example', 'a_b-c.1', '7', 'constructor', 'x'.repeat(64)])(
    'accepts %s',
    id => {
      expect(isSiteId(id)).toBe(true)
    },
  )

  it.each([
    '',
    '.',
    '..',
    '-a',
    '_a',
    '__proto__',
    'a b',
    'a/b',
    'a\\b',
    'a\n',
    '\na',
    'a\u0000',
    'caf\u00e9',
    'a\u202eb',
    'x'.repeat(65),
    '$',
  ])('rejects %j', id => {
    expect(isSiteId(id)).toBe(false)
  })
})

describe('Authorizer: a request', () => {
  it('is authorized for any site without an expiry when no tokens are configured', async () => {
    const authorization = await expectAuthorized(createTestAuthorizer()(request, 'shop', 'read'))
    expect(authorization.expiresAt).toBeUndefined()
    expect(await authorization.renew('anything')).toBeDefined()
  })

  it('gets site_unknown for an unknown site before `authorize` is called', async () => {
    let calls = 0
    const authorize = () => ++calls > 0
    const authorizer = createTestAuthorizer({ sites: new Set(['shop']), authorize })
    expect(await authorizer(request, 'other', 'read')).toEqual({ code: 'site_unknown' })
    expect(await authorizer(request, '../shop', 'read')).toEqual({ code: 'site_unknown' })
    expect(calls).toBe(0)
    await expectAuthorized(authorizer(request, 'shop', 'read'))
  })

  it('is refused when `authorize` returns or resolves with false', async () => {
    for (const authorize of [() => false, () => Promise.resolve(false)]) {
      expect(await createTestAuthorizer({ authorize })(request, 'shop', 'write')).toEqual({
        code: 'refused',
      })
    }
  })

  it('is authorized by scope and site', async () => {
    const authorizer = createTestAuthorizer({
      authorize: (_, site, scope) => site === 'shop' && scope === 'write',
    })
    await expectAuthorized(authorizer(request, 'shop', 'write'))
    expect(await authorizer(request, 'shop', 'read')).toEqual({ code: 'refused' })
    expect(await authorizer(request, 'blog', 'write')).toEqual({ code: 'refused' })
  })

  it('is authorized until the time that `authorize` returns', async () => {
    const until = (expiresAt: number) => createTestAuthorizer({ authorize: () => ({ expiresAt }) })
    const authorization = await expectAuthorized(until(now + 1)(request, 'shop', 'read'))
    expect(authorization.expiresAt).toBe(now + 1)
    expect(await until(now)(request, 'shop', 'read')).toEqual({ code: 'token_expired' })
    const forever = await expectAuthorized(until(Infinity)(request, 'shop', 'read'))
    expect(forever.expiresAt).toBeUndefined()
  })

  it('is not authorized when `authorize` returns an invalid verdict', async () => {
    for (const text of ['{"expiresAt":null}', '{"expiresAt":"soon"}', '{}', '"yes"', '1']) {
      const authorize: Authorize = () => JSON.parse(text)
      await expect(createTestAuthorizer({ authorize })(request, 'shop', 'read')).rejects.toThrow(
        TypeError,
      )
    }
    for (const text of ['null', '0', '""']) {
      const authorize: Authorize = () => JSON.parse(text)
      expect(await createTestAuthorizer({ authorize })(request, 'shop', 'read')).toEqual({
        code: 'refused',
      })
    }
    const authorizer = createTestAuthorizer({ authorize: () => ({ expiresAt: NaN }) })
    await expect(authorizer(request, 'shop', 'read')).rejects.toThrow(TypeError)
  })
})

describe('Authorizer: reading requires a token', () => {
  const authorizer = createTestAuthorizer({ tokens, sites: new Set(['shop', 'blog']) })

  it.each([
    [{}, 'token_missing'],
    [{ Authorization: '' }, 'token_missing'],
    [{ Authorization: 'Bearer' }, 'token_missing'],
    [{ Authorization: 'Basic dXNlcjpwYXNz' }, 'token_missing'],
    [{ Authorization: token }, 'token_missing'],
    [{ Authorization: `Token ${token}` }, 'token_missing'],
    [{ Authorization: 'Bearer x' }, 'token_invalid'],
    [{ Authorization: `Bearer ${token} ${token}` }, 'token_invalid'],
    [{ Authorization: `Bearer ${token}, Bearer ${token}` }, 'token_invalid'],
    [{ Cookie: `token=${token}` }, 'token_missing'],
    [{ 'Sec-WebSocket-Protocol': `tidemark.token.${token}` }, 'token_missing'],
  ])('answers a request with %j with %s, for every site', async (headers, code) => {
    for (const site of ['shop', 'blog', 'other', '../shop', '__proto__']) {
      expect(await authorizer(from(headers), site, 'read')).toEqual({ code })
    }
  })

  it('authorizes a token until it ends, with the scheme in any case', async () => {
    for (const scheme of ['Bearer', 'bearer', 'BEARER', 'Bearer  ']) {
      const authorization = await expectAuthorized(
        authorizer(from({ Authorization: `${scheme} ${token}` }), 'shop', 'read'),
      )
      expect(authorization.expiresAt).toBeUndefined()
    }
    const short = makeToken({ ...shopClaims, exp: now / 1000 + 60 })
    expect((await expectAuthorized(authorizer(bearer(short), 'shop', 'read'))).expiresAt).toBe(
      now + 60_000,
    )
  })

  it('reveals nothing about other sites to a token for one site', async () => {
    for (const site of ['blog', 'other']) {
      expect(await authorizer(bearer(token), site, 'read')).toEqual({ code: 'token_insufficient' })
    }
  })

  it('reports an unknown site only to a token for every site', async () => {
    const everywhere = makeToken({ ...shopClaims, site: '*' })
    expect(await authorizer(bearer(everywhere), 'other', 'read')).toEqual({ code: 'site_unknown' })
    expect(await authorizer(bearer(everywhere), '__proto__', 'read')).toEqual({
      code: 'site_unknown',
    })
    await expectAuthorized(authorizer(bearer(everywhere), 'blog', 'read'))
  })

  it('lets clients send without a token, unless writing requires one', async () => {
    await expectAuthorized(authorizer(request, 'shop', 'write'))
    const closed = createTokens({ secret, scopes: ['read', 'write'] }, clock)
    const strict = createTestAuthorizer({ tokens: closed, sites: new Set(['shop']) })
    expect(await strict(request, 'shop', 'write')).toEqual({ code: 'token_missing' })
    expect(await strict(request, 'other', 'write')).toEqual({ code: 'token_missing' })
    expect(await strict(bearer(token), 'shop', 'write')).toEqual({ code: 'token_insufficient' })
    const writing = makeToken({ ...shopClaims, scope: 'write' })
    await expectAuthorized(strict(bearer(writing), 'shop', 'write'))
    expect(await strict(bearer(writing), 'shop', 'read')).toEqual({ code: 'token_insufficient' })
  })

  it('also calls `authorize`, and authorizes until the earlier end', async () => {
    const short = makeToken({ ...shopClaims, exp: now / 1000 + 60 })
    const authorizeUntil = (expiresAt: number) =>
      expectAuthorized(
        createTestAuthorizer({ tokens, authorize: () => ({ expiresAt }) })(
          bearer(short),
          'shop',
          'read',
        ),
      )
    expect((await authorizeUntil(now + 59_000)).expiresAt).toBe(now + 59_000)
    expect((await authorizeUntil(now + 61_000)).expiresAt).toBe(now + 60_000)
    const refusing = createTestAuthorizer({ tokens, authorize: () => false })
    expect(await refusing(bearer(short), 'shop', 'read')).toEqual({ code: 'refused' })
    expect(await refusing(request, 'shop', 'read')).toEqual({ code: 'token_missing' })
  })
})

describe('Authorization', () => {
  const until = (seconds: number, claims: object = {}): string =>
    makeToken({ ...shopClaims, exp: now / 1000 + seconds, ...claims })

  it('can be renewed repeatedly with fresh tokens for its site and scope', async () => {
    const authorizer = createTestAuthorizer({ tokens })
    const first = await expectAuthorized(authorizer(bearer(until(60)), 'shop', 'read'))
    const second = await expectAuthorized(first.renew(until(120)))
    expect(second.expiresAt).toBe(now + 120_000)
    expect((await expectAuthorized(second.renew(until(90)))).expiresAt).toBe(now + 90_000)
    expect(await first.renew(until(120, { site: 'blog' }))).toHaveProperty('code')
    expect(await first.renew(until(120, { scope: 'write' }))).toHaveProperty('code')
    expect(await first.renew(until(-1))).toHaveProperty('code')
    for (const text of ['', 'x', 'x\r\nCookie: a=b', '\u2028', 'x'.repeat(1_000_000)]) {
      expect(await first.renew(text)).toHaveProperty('code')
    }
  })

  it('is renewed by `authorize`, which gets the fresh token', async () => {
    const received: unknown[] = []
    const authorizer = createTestAuthorizer({
      authorize: ({ headers }, site, scope) => {
        received.push([headers.get('Authorization'), headers.get('X-Reader'), site, scope])
        return headers.get('Authorization') !== 'Bearer no'
      },
    })
    const readerRequest = from({ Authorization: 'Bearer one', 'X-Reader': 'ann' })
    const authorization = await expectAuthorized(authorizer(readerRequest, 'shop', 'read'))
    await expectAuthorized(authorization.renew('two'))
    expect(await authorization.renew('no')).toEqual({ code: 'refused' })
    expect(received).toEqual([
      ['Bearer one', 'ann', 'shop', 'read'],
      ['Bearer two', 'ann', 'shop', 'read'],
      ['Bearer no', 'ann', 'shop', 'read'],
    ])
  })

  it('is not renewed when `authorize` throws, and reports the error', async () => {
    const failure = new Error('the database of tokens is gone')
    const authorize = ({ headers }: Request): boolean => {
      if (headers.get('Authorization') === 'Bearer two') throw failure
      return true
    }
    const authorization = await expectAuthorized(
      createTestAuthorizer({ authorize })(bearer('one'), 'shop', 'read'),
    )
    expect(await authorization.renew('two')).toEqual({ code: 'internal' })
    expect(errors).toEqual([failure])
  })
})

describe('Authorizer: a WebSocket handshake', () => {
  const protocols = `tidemark.v1, tidemark.token.${token}`
  const offering = { 'Sec-WebSocket-Protocol': protocols }
  const [sameOrigin, foreign] = ['https://stats.example', 'https://dash.example']

  it('may send its token as a subprotocol; the first one counts', async () => {
    const authorizer = createTestAuthorizer({ tokens })
    for (const offered of [protocols, `tidemark.token.${token},tidemark.v1`]) {
      await expectAuthorized(
        authorizer(handshake({ 'Sec-WebSocket-Protocol': offered }), 'shop', 'read'),
      )
    }
    for (const [offered, code] of [
      ['tidemark.v1', 'token_missing'],
      ['tidemark.v1, tidemark.token.', 'token_missing'],
      ['tidemark.v1, tidemark.token.x', 'token_invalid'],
      [`tidemark.token.x, ${protocols}`, 'token_invalid'],
      [`tidemark.v1.token.${token}`, 'token_missing'],
    ] as const) {
      const offer = handshake({ 'Sec-WebSocket-Protocol': offered })
      expect(await authorizer(offer, 'shop', 'read'), offered).toEqual({ code })
    }
  })

  it('passes that token to `authorize` in the header, unless the header is set', async () => {
    const received: unknown[] = []
    const authorizer = createTestAuthorizer({
      authorize: ({ headers }) => received.push(headers.get('Authorization')) > 0,
    })
    await expectAuthorized(authorizer(handshake(offering), 'shop', 'read'))
    await expectAuthorized(
      authorizer(handshake({ ...offering, Authorization: 'Bearer own' }), 'shop', 'read'),
    )
    await expectAuthorized(authorizer(handshake({}), 'shop', 'read'))
    expect(received).toEqual([`Bearer ${token}`, 'Bearer own', null])
  })

  it('from another origin needs a token when `authorize` decides', async () => {
    const authorizer = createTestAuthorizer({ authorize: () => true })
    expect(await authorizer(handshake({ Origin: foreign }), 'shop', 'read')).toEqual({
      code: 'origin_refused',
    })
    expect(await authorizer(handshake({ Origin: 'null' }), 'shop', 'read')).toEqual({
      code: 'origin_refused',
    })
    const upper = { Upgrade: 'WebSocket', Origin: foreign }
    expect(await authorizer(from(upper), 'shop', 'read')).toEqual({ code: 'origin_refused' })
    await expectAuthorized(authorizer(handshake({ Origin: foreign, ...offering }), 'shop', 'read'))
    await expectAuthorized(authorizer(handshake({ Origin: sameOrigin }), 'shop', 'read'))
    await expectAuthorized(authorizer(handshake({}), 'shop', 'read'))
    // CORS keeps the answers from these pages.
    await expectAuthorized(authorizer(from({ Origin: foreign }), 'shop', 'read'))
    // Without `authorize`, no cookie can authorize a request.
    await expectAuthorized(createTestAuthorizer()(handshake({ Origin: foreign }), 'shop', 'read'))
    const both = createTestAuthorizer({ authorize: () => true, tokens })
    expect(await both(handshake({ Origin: foreign }), 'shop', 'read')).toEqual({
      code: 'token_missing',
    })
  })

  it('from another origin is authorized by its token alone, without cookies or password', async () => {
    const received: unknown[] = []
    const authorize: Authorize = ({ headers }) =>
      received.push([headers.get('Authorization'), headers.get('Cookie')]) > 0
    const ambient = { Cookie: 'session=of-the-owner', Authorization: 'Basic b3duZXI6cGFzcw==' }
    const credentials = { ...offering, ...ambient }
    await expectAuthorized(
      createTestAuthorizer({ authorize })(
        handshake({ ...credentials, Origin: foreign }),
        'shop',
        'read',
      ),
    )
    await expectAuthorized(
      createTestAuthorizer({ authorize })(
        handshake({ ...credentials, Origin: sameOrigin }),
        'shop',
        'read',
      ),
    )
    const byCookie = { ...offering, Cookie: ambient.Cookie, Origin: sameOrigin }
    await expectAuthorized(createTestAuthorizer({ authorize })(handshake(byCookie), 'shop', 'read'))
    const origins = createOrigins([foreign])
    const authorizer = createTestAuthorizer({ authorize, origins })
    await expectAuthorized(
      authorizer(handshake({ ...credentials, Origin: foreign }), 'shop', 'read'),
    )
    expect(received).toEqual([
      [`Bearer ${token}`, null],
      [ambient.Authorization, ambient.Cookie],
      [`Bearer ${token}`, ambient.Cookie],
      [ambient.Authorization, ambient.Cookie],
    ])
  })
})

describe('Authorizer: allowed origins', () => {
  const authorizer = createTestAuthorizer({
    origins: createOrigins(['https://dash.example']),
    tokens,
  })

  it('refuse to let other origins read, before any other check', async () => {
    const good = { Authorization: `Bearer ${token}` }
    for (const origin of ['https://evil.example', 'null', 'https://dash.example.evil.example']) {
      for (const site of ['shop', 'other']) {
        for (const upgrade of [{}, { Upgrade: 'websocket' }]) {
          const foreignRequest = from({ ...good, ...upgrade, Origin: origin })
          expect(await authorizer(foreignRequest, site, 'read')).toEqual({ code: 'origin_refused' })
        }
      }
    }
    for (const origin of ['https://dash.example', 'http://stats.example']) {
      await expectAuthorized(authorizer(from({ ...good, Origin: origin }), 'shop', 'read'))
    }
    await expectAuthorized(authorizer(from(good), 'shop', 'read'))
  })

  it('let every origin send', async () => {
    const authorization = await expectAuthorized(
      authorizer(from({ Origin: 'https://evil.example' }), 'shop', 'write'),
    )
    expect(authorization.expiresAt).toBeUndefined()
  })
})

describe('createAuthorizer: authorize that does not answer', () => {
  const never = (): Promise<boolean> => new Promise(() => {})

  it('is refused after the timeout, with a warning', async () => {
    const reported: unknown[] = []
    const pending = clock.pending
    const onError = (error: unknown): void => void reported.push(error)
    const authorizer = createTestAuthorizer({ authorize: never, timeoutMs: 5000, onError })
    for (let count = 0; count < 2; count++) {
      const answer = authorizer(request, 'shop', 'read')
      await Promise.resolve()
      clock.advance(5000)
      expect(await answer).toEqual({ code: 'authorize_timeout' })
    }
    const warning = expect.objectContaining({
      kind: 'authorize_timeout',
      fields: { timeoutMs: 5000 },
    })
    expect(reported).toEqual([warning, warning])
    expect(clock.pending).toBe(pending)
  })

  it('in time leaves no timer', async () => {
    const pending = clock.pending
    const authorizer = createTestAuthorizer({ authorize: () => Promise.resolve(true) })
    await expectAuthorized(authorizer(request, 'shop', 'read'))
    expect(clock.pending).toBe(pending)
  })

  it('leaves the previous authorization valid when a token is renewed', async () => {
    let answers = 0
    const authorizer = createTestAuthorizer({
      authorize: () => (answers++ === 0 ? true : never()),
      onError: () => undefined,
    })
    const authorization = await expectAuthorized(authorizer(request, 'shop', 'read'))
    const renewed = authorization.renew(token)
    await Promise.resolve()
    clock.advance(10_000)
    expect(await renewed).toEqual({ code: 'authorize_timeout' })
  })
})
