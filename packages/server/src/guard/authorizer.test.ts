import { describe, expect, it } from 'vitest'
import { createManualClock } from '../testing/clock.ts'
import { makeToken, secret, shopClaims } from '../testing/token.ts'
import type { Authorization } from './authorization.ts'
import { type Authorize, type AuthorizerOptions, createAuthorizer, isSiteId } from './authorizer.ts'
import { createOrigins } from './origins.ts'
import { createTokens } from './tokens.ts'

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

const mistakes: unknown[] = []
const admitBy = (options: Partial<AuthorizerOptions> = {}): ReturnType<typeof createAuthorizer> =>
  createAuthorizer({
    sites: undefined,
    authorize: undefined,
    clock,
    onError: error => void mistakes.push(error),
    ...options,
  })

/** What somebody who is let in may. */
async function accessOf(answer: Promise<Authorization | string>): Promise<Authorization> {
  const access = await answer
  if (typeof access === 'string') throw new Error(`Refused: ${access}`)
  return access
}

describe('the id of a site', () => {
  it.each(['a', 'shop', 'shop.example', 'a_b-c.1', '7', 'constructor', 'x'.repeat(64)])(
    'may be %s',
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
  ])('may not be %j', id => {
    expect(isSiteId(id)).toBe(false)
  })
})

describe('a request', () => {
  it('is let in to any site where none are named, for good', async () => {
    const access = await accessOf(admitBy()(request, 'shop', 'read'))
    expect(access.expiresAt).toBeUndefined()
    expect(await access.renew('anything')).toBe(access)
  })

  it('is told of no site that is not named, before anybody is asked', async () => {
    let asked = 0
    const authorize = () => ++asked > 0
    const admit = admitBy({ sites: new Set(['shop']), authorize })
    expect(await admit(request, 'other', 'read')).toBe('site_unknown')
    expect(await admit(request, '../shop', 'read')).toBe('site_unknown')
    expect(asked).toBe(0)
    await accessOf(admit(request, 'shop', 'read'))
  })

  it('is refused when `authorize` says no, now or later', async () => {
    for (const authorize of [() => false, () => Promise.resolve(false)]) {
      expect(await admitBy({ authorize })(request, 'shop', 'write')).toBe('refused')
    }
  })

  it('is let in by scope and site', async () => {
    const admit = admitBy({
      authorize: (_, site, scope) => site === 'shop' && scope === 'write',
    })
    await accessOf(admit(request, 'shop', 'write'))
    expect(await admit(request, 'shop', 'read')).toBe('refused')
    expect(await admit(request, 'blog', 'write')).toBe('refused')
  })

  it('is let in for as long as `authorize` says', async () => {
    const until = (expiresAt: number) => admitBy({ authorize: () => ({ expiresAt }) })
    const access = await accessOf(until(now + 1)(request, 'shop', 'read'))
    expect(access.expiresAt).toBe(now + 1)
    expect(await until(now)(request, 'shop', 'read')).toBe('token_expired')
    const forever = await accessOf(until(Infinity)(request, 'shop', 'read'))
    expect(forever.expiresAt).toBeUndefined()
  })

  it('is not let in when `authorize` answers what is no answer', async () => {
    for (const text of ['{"expiresAt":null}', '{"expiresAt":"soon"}', '{}', '"yes"', '1']) {
      const authorize: Authorize = () => JSON.parse(text)
      await expect(admitBy({ authorize })(request, 'shop', 'read')).rejects.toThrow(TypeError)
    }
    for (const text of ['null', '0', '""']) {
      const authorize: Authorize = () => JSON.parse(text)
      expect(await admitBy({ authorize })(request, 'shop', 'read')).toBe('refused')
    }
    const admit = admitBy({ authorize: () => ({ expiresAt: NaN }) })
    await expect(admit(request, 'shop', 'read')).rejects.toThrow(TypeError)
  })
})

describe('where reading takes a token', () => {
  const admit = admitBy({ tokens, sites: new Set(['shop', 'blog']) })

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
  ])('a request with %j is answered with %s, whatever the site', async (headers, code) => {
    for (const site of ['shop', 'blog', 'other', '../shop', '__proto__']) {
      expect(await admit(from(headers), site, 'read')).toBe(code)
    }
  })

  it('is let in with one, however the scheme is written, and until it ends', async () => {
    for (const scheme of ['Bearer', 'bearer', 'BEARER', 'Bearer  ']) {
      const access = await accessOf(
        admit(from({ Authorization: `${scheme} ${token}` }), 'shop', 'read'),
      )
      expect(access.expiresAt).toBeUndefined()
    }
    const short = makeToken({ ...shopClaims, exp: now / 1000 + 60 })
    expect((await accessOf(admit(bearer(short), 'shop', 'read'))).expiresAt).toBe(now + 60_000)
  })

  it('tells with a token for one site nothing of others', async () => {
    for (const site of ['blog', 'other']) {
      expect(await admit(bearer(token), site, 'read')).toBe('token_insufficient')
    }
  })

  it('tells only who may read every site that there is no such site', async () => {
    const everywhere = makeToken({ ...shopClaims, site: '*' })
    expect(await admit(bearer(everywhere), 'other', 'read')).toBe('site_unknown')
    expect(await admit(bearer(everywhere), '__proto__', 'read')).toBe('site_unknown')
    await accessOf(admit(bearer(everywhere), 'blog', 'read'))
  })

  it('sends without one, unless writing takes one too', async () => {
    await accessOf(admit(request, 'shop', 'write'))
    const closed = createTokens({ secret, scopes: ['read', 'write'] }, clock)
    const strict = admitBy({ tokens: closed, sites: new Set(['shop']) })
    expect(await strict(request, 'shop', 'write')).toBe('token_missing')
    expect(await strict(request, 'other', 'write')).toBe('token_missing')
    expect(await strict(bearer(token), 'shop', 'write')).toBe('token_insufficient')
    const writing = makeToken({ ...shopClaims, scope: 'write' })
    await accessOf(strict(bearer(writing), 'shop', 'write'))
    expect(await strict(bearer(writing), 'shop', 'read')).toBe('token_insufficient')
  })

  it('asks `authorize` of who has one, and lets in until the first of both ends', async () => {
    const short = makeToken({ ...shopClaims, exp: now / 1000 + 60 })
    const ask = (expiresAt: number) =>
      accessOf(admitBy({ tokens, authorize: () => ({ expiresAt }) })(bearer(short), 'shop', 'read'))
    expect((await ask(now + 59_000)).expiresAt).toBe(now + 59_000)
    expect((await ask(now + 61_000)).expiresAt).toBe(now + 60_000)
    const refusing = admitBy({ tokens, authorize: () => false })
    expect(await refusing(bearer(short), 'shop', 'read')).toBe('refused')
    expect(await refusing(request, 'shop', 'read')).toBe('token_missing')
  })
})

describe('access', () => {
  const until = (seconds: number, claims: object = {}): string =>
    makeToken({ ...shopClaims, exp: now / 1000 + seconds, ...claims })

  it('is renewed by a fresh token for the same site and scope, again and again', async () => {
    const admit = admitBy({ tokens })
    const first = await accessOf(admit(bearer(until(60)), 'shop', 'read'))
    const second = await first.renew(until(120))
    expect(second?.expiresAt).toBe(now + 120_000)
    expect((await second?.renew(until(90)))?.expiresAt).toBe(now + 90_000)
    expect(await first.renew(until(120, { site: 'blog' }))).toBeUndefined()
    expect(await first.renew(until(120, { scope: 'write' }))).toBeUndefined()
    expect(await first.renew(until(-1))).toBeUndefined()
    for (const text of ['', 'x', 'x\r\nCookie: a=b', '\u2028', 'x'.repeat(1_000_000)]) {
      expect(await first.renew(text)).toBeUndefined()
    }
  })

  it('is renewed by `authorize`, which is shown the fresh token', async () => {
    const seen: unknown[] = []
    const admit = admitBy({
      authorize: ({ headers }, site, scope) => {
        seen.push([headers.get('Authorization'), headers.get('X-Reader'), site, scope])
        return headers.get('Authorization') !== 'Bearer no'
      },
    })
    const asking = from({ Authorization: 'Bearer one', 'X-Reader': 'ann' })
    const access = await accessOf(admit(asking, 'shop', 'read'))
    expect(await access.renew('two')).toBeDefined()
    expect(await access.renew('no')).toBeUndefined()
    expect(seen).toEqual([
      ['Bearer one', 'ann', 'shop', 'read'],
      ['Bearer two', 'ann', 'shop', 'read'],
      ['Bearer no', 'ann', 'shop', 'read'],
    ])
  })

  it('is not renewed when `authorize` fails, of which its owner is told', async () => {
    const failure = new Error('the database of tokens is gone')
    const authorize = ({ headers }: Request): boolean => {
      if (headers.get('Authorization') === 'Bearer two') throw failure
      return true
    }
    const access = await accessOf(admitBy({ authorize })(bearer('one'), 'shop', 'read'))
    expect(await access.renew('two')).toBeUndefined()
    expect(mistakes).toEqual([failure])
  })
})

describe('the handshake of a WebSocket', () => {
  const protocols = `tidemark.v1, tidemark.token.${token}`
  const offering = { 'Sec-WebSocket-Protocol': protocols }
  const [own, foreign] = ['https://stats.example', 'https://dash.example']

  it('may bring its token as a subprotocol, the first of them', async () => {
    const admit = admitBy({ tokens })
    for (const offered of [protocols, `tidemark.token.${token},tidemark.v1`]) {
      await accessOf(admit(handshake({ 'Sec-WebSocket-Protocol': offered }), 'shop', 'read'))
    }
    for (const [offered, code] of [
      ['tidemark.v1', 'token_missing'],
      ['tidemark.v1, tidemark.token.', 'token_missing'],
      ['tidemark.v1, tidemark.token.x', 'token_invalid'],
      [`tidemark.token.x, ${protocols}`, 'token_invalid'],
      [`tidemark.v1.token.${token}`, 'token_missing'],
    ] as const) {
      const asking = handshake({ 'Sec-WebSocket-Protocol': offered })
      expect(await admit(asking, 'shop', 'read'), offered).toBe(code)
    }
  })

  it('shows `authorize` that token where all others have it, unless it has one there', async () => {
    const seen: unknown[] = []
    const admit = admitBy({
      authorize: ({ headers }) => seen.push(headers.get('Authorization')) > 0,
    })
    await accessOf(admit(handshake(offering), 'shop', 'read'))
    await accessOf(admit(handshake({ ...offering, Authorization: 'Bearer own' }), 'shop', 'read'))
    await accessOf(admit(handshake({}), 'shop', 'read'))
    expect(seen).toEqual([`Bearer ${token}`, 'Bearer own', null])
  })

  it('of a page of somebody else takes a token where `authorize` says who may', async () => {
    const admit = admitBy({ authorize: () => true })
    expect(await admit(handshake({ Origin: foreign }), 'shop', 'read')).toBe('origin_refused')
    expect(await admit(handshake({ Origin: 'null' }), 'shop', 'read')).toBe('origin_refused')
    const upper = { Upgrade: 'WebSocket', Origin: foreign }
    expect(await admit(from(upper), 'shop', 'read')).toBe('origin_refused')
    await accessOf(admit(handshake({ Origin: foreign, ...offering }), 'shop', 'read'))
    await accessOf(admit(handshake({ Origin: own }), 'shop', 'read'))
    await accessOf(admit(handshake({}), 'shop', 'read'))
    // CORS keeps these from what they ask for.
    await accessOf(admit(from({ Origin: foreign }), 'shop', 'read'))
    // Nobody is asked, and so no cookie lets anyone in.
    await accessOf(admitBy()(handshake({ Origin: foreign }), 'shop', 'read'))
    const both = admitBy({ authorize: () => true, tokens })
    expect(await both(handshake({ Origin: foreign }), 'shop', 'read')).toBe('token_missing')
  })

  it('of a page of somebody else is let in by that token alone, not by what its browser adds', async () => {
    const seen: unknown[] = []
    const authorize: Authorize = ({ headers }) =>
      seen.push([headers.get('Authorization'), headers.get('Cookie')]) > 0
    const ambient = { Cookie: 'session=of-the-owner', Authorization: 'Basic b3duZXI6cGFzcw==' }
    const asking = { ...offering, ...ambient }
    await accessOf(
      admitBy({ authorize })(handshake({ ...asking, Origin: foreign }), 'shop', 'read'),
    )
    await accessOf(admitBy({ authorize })(handshake({ ...asking, Origin: own }), 'shop', 'read'))
    const byCookie = { ...offering, Cookie: ambient.Cookie, Origin: own }
    await accessOf(admitBy({ authorize })(handshake(byCookie), 'shop', 'read'))
    const origins = createOrigins([foreign])
    const admit = admitBy({ authorize, origins })
    await accessOf(admit(handshake({ ...asking, Origin: foreign }), 'shop', 'read'))
    expect(seen).toEqual([
      [`Bearer ${token}`, null],
      [ambient.Authorization, ambient.Cookie],
      [`Bearer ${token}`, ambient.Cookie],
      [ambient.Authorization, ambient.Cookie],
    ])
  })
})

describe('where origins are listed', () => {
  const admit = admitBy({ origins: createOrigins(['https://dash.example']), tokens })

  it('others do not read, whatever they show, and are told so before all else', async () => {
    const good = { Authorization: `Bearer ${token}` }
    for (const origin of ['https://evil.example', 'null', 'https://dash.example.evil.example']) {
      for (const site of ['shop', 'other']) {
        for (const upgrade of [{}, { Upgrade: 'websocket' }]) {
          const asking = from({ ...good, ...upgrade, Origin: origin })
          expect(await admit(asking, site, 'read')).toBe('origin_refused')
        }
      }
    }
    for (const origin of ['https://dash.example', 'http://stats.example']) {
      await accessOf(admit(from({ ...good, Origin: origin }), 'shop', 'read'))
    }
    await accessOf(admit(from(good), 'shop', 'read'))
  })

  it('all may send', async () => {
    const access = await accessOf(admit(from({ Origin: 'https://evil.example' }), 'shop', 'write'))
    expect(access.expiresAt).toBeUndefined()
  })
})
