import { type KeyObject, generateKeyPairSync, sign as signBytes } from 'node:crypto'
import { sign as signWithHono } from 'hono/jwt'
import { describe, expect, it } from 'vitest'
import { createManualClock } from '../testing/clock.ts'
import { type Signer, makeToken, secret, shopClaims, signWith } from '../testing/token.ts'
import type { Scope } from './authorization.ts'
import { mintToken } from './mint-token.ts'
import type { PublicKeyAlgorithm } from './token-key.ts'
import { fullAccess } from './read-scope.ts'
import { createTokens, maxTokenLength } from './tokens.ts'

const clock = createManualClock()
const now = clock.now()
const nowSeconds = now / 1000
const tokens = createTokens({ secret }, clock)

const check = (token: string, site = 'shop', scope: Scope = 'read'): Promise<unknown> =>
  tokens.check(token, site, scope)

const forever = { expiresAt: undefined, access: fullAccess }

/** Creates a valid token with other or additional claims. */
const withClaims = (claims: Record<string, unknown>): string =>
  makeToken({ ...shopClaims, ...claims })

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const pemOf = (key: KeyObject): string => key.export({ type: 'spki', format: 'pem' }).toString()

describe('Tokens: claims', () => {
  it('accept a token for its site and scope', async () => {
    expect(await check(makeToken(shopClaims))).toEqual(forever)
  })

  it('end a token at its `exp`, to the millisecond', async () => {
    expect(await check(withClaims({ exp: nowSeconds + 0.001 }))).toEqual({
      expiresAt: now + 1,
      access: fullAccess,
    })
    expect(await check(withClaims({ exp: nowSeconds }))).toBe('token_expired')
    expect(await check(withClaims({ exp: nowSeconds - 86_400 }))).toBe('token_expired')
    expect(await check(withClaims({ exp: 0 }))).toBe('token_expired')
  })

  it('check expiry and site of a cached token too', async () => {
    const moving = createManualClock()
    const guard = createTokens({ secret }, moving)
    const token = withClaims({ exp: moving.now() / 1000 + 60, nbf: moving.now() / 1000 })
    const ends = { expiresAt: moving.now() + 60_000, access: fullAccess }
    for (let times = 0; times < 2; times++) {
      expect(await guard.check(token, 'shop', 'read')).toEqual(ends)
      expect(await guard.check(token, 'blog', 'read')).toBe('token_insufficient')
      expect(await guard.check(token, 'shop', 'write')).toBe('token_insufficient')
      expect(await guard.check(`${token.slice(0, -2)}AA`, 'shop', 'read')).toBe('token_invalid')
    }
    moving.advance(60_000)
    expect(await guard.check(token, 'shop', 'read')).toBe('token_expired')
  })

  it('accept a token from five seconds before its `nbf`', async () => {
    expect(await check(withClaims({ nbf: nowSeconds + 5 }))).toEqual(forever)
    expect(await check(withClaims({ nbf: nowSeconds + 5.001 }))).toBe('token_invalid')
    expect(await check(withClaims({ nbf: nowSeconds + 86_400 }))).toBe('token_invalid')
  })

  it('accept a token of an issuer whose clock is ahead', async () => {
    expect(await check(withClaims({ iat: nowSeconds + 60 }))).toEqual(forever)
  })

  it('require `site` to contain the site', async () => {
    expect(await check(withClaims({ site: ['blog', 'shop'] }))).toEqual(forever)
    expect(await check(withClaims({ site: '*' }))).toEqual(forever)
    expect(await check(withClaims({ site: '*' }), 'any')).toEqual(forever)
    const others = [undefined, null, '', 'shop2', 'sho', 'Shop', 'shop blog', [], [['shop']]]
    for (const site of [...others, ['*'], { shop: true }, true, 7]) {
      expect(await check(withClaims({ site })), JSON.stringify(site)).toBe('token_insufficient')
    }
  })

  it('require `scope` to contain the scope', async () => {
    expect(await check(withClaims({ scope: 'write read' }))).toEqual(forever)
    expect(await check(withClaims({ scope: 'read write' }), 'shop', 'write')).toEqual(forever)
    expect(await check(makeToken(shopClaims), 'shop', 'write')).toBe('token_insufficient')
    for (const scope of [undefined, null, '', 'write', 'reader', 'Read', 'read,write', ['read']]) {
      expect(await check(withClaims({ scope })), JSON.stringify(scope)).toBe('token_insufficient')
    }
  })

  it('require `aud` to contain tidemark', async () => {
    expect(await check(withClaims({ aud: ['other', 'tidemark'] }))).toEqual(forever)
    for (const aud of [undefined, null, '', 'other', 'tidemark2', ['other'], { tidemark: 1 }, []]) {
      expect(await check(withClaims({ aud })), JSON.stringify(aud)).toBe('token_invalid')
    }
  })

  it.each([null, '', '9999999999', 'never', -1, 1e300, [9_999_999_999], {}, true])(
    'reject the time %j',
    async time => {
      expect(await check(withClaims({ exp: time }))).toBe('token_invalid')
      expect(await check(withClaims({ nbf: time }))).toBe('token_invalid')
    },
  )

  it('report `token_insufficient` only for an otherwise valid token', async () => {
    expect(await check(withClaims({ exp: 1, site: 'blog' }))).toBe('token_expired')
    expect(await check(withClaims({ nbf: nowSeconds + 60, site: 'blog' }))).toBe('token_invalid')
    expect(await check(withClaims({ aud: 'other', site: 'blog' }))).toBe('token_invalid')
  })

  it('report `token_invalid` rather than `token_expired` for a forged token', async () => {
    expect(await check(withClaims({ exp: 1, aud: 'other' }))).toBe('token_invalid')
    const forged = makeToken({ ...shopClaims, exp: 1 }, undefined, signWith(`${secret}!`))
    expect(await check(forged)).toBe('token_invalid')
  })
})

describe('Tokens: forged and malformed tokens', () => {
  const good = makeToken(shopClaims)
  const [head = '', body = '', signature = ''] = good.split('.')
  const encode = (text: string): string => Buffer.from(text).toString('base64url')
  const signed = (headText: string, bodyText: string): string => {
    const text = `${encode(headText)}.${encode(bodyText)}`
    return `${text}.${signWith(secret)(text).toString('base64url')}`
  }
  const unsigned: Signer = () => Buffer.alloc(0)

  it.each<[string, string]>([
    ['nothing', ''],
    ['a word', 'token'],
    ['dots', '..'],
    ['one that is cut off', good.slice(0, -1)],
    ['one without its last part', `${head}.${body}`],
    ['one without a signature', `${head}.${body}.`],
    ['one with a part too many', `${good}.${signature}`],
    ['one with the signature of another', `${head}.${encode('{}')}.${signature}`],
    ['one of another secret', makeToken(shopClaims, undefined, signWith('x'.repeat(32)))],
    ['one with a space before it', ` ${good}`],
    ['one with a line break after it', `${good}\r\n`],
    ['one in base64 proper', good.replaceAll('-', '+').replace(/$/, '=')],
    ['algorithm none, unsigned', makeToken(shopClaims, { alg: 'none' }, unsigned)],
    ['algorithm none, signed', makeToken(shopClaims, { alg: 'none', typ: 'JWT' })],
    ['algorithm None', makeToken(shopClaims, { alg: 'None', typ: 'JWT' })],
    ['no algorithm', makeToken(shopClaims, { typ: 'JWT' })],
    ['an algorithm that is not text', makeToken(shopClaims, { alg: ['HS256'], typ: 'JWT' })],
    ['another algorithm with our secret', makeToken(shopClaims, { alg: 'HS512', typ: 'JWT' })],
    ['algorithm RS256 with our secret', makeToken(shopClaims, { alg: 'RS256', typ: 'JWT' })],
    ['an unknown critical header', makeToken(shopClaims, { alg: 'HS256', crit: ['exp'], exp: 1 })],
    ['a token of another type', makeToken(shopClaims, { alg: 'HS256', typ: 'logout+jwt' })],
    ['a header that is null', makeToken(shopClaims, null)],
    ['claims that are null', makeToken(null)],
    ['claims that are a text', makeToken('tidemark')],
    ['claims that are a list', makeToken([shopClaims])],
    ['claims that are a number', makeToken(7)],
    ['claims that are no JSON', signed('{"alg":"HS256"}', '{"aud":')],
    [
      'claims of a prototype',
      signed('{"alg":"HS256"}', `{"__proto__":${JSON.stringify(shopClaims)}}`),
    ],
    [
      'an algorithm of a prototype',
      signed('{"__proto__":{"alg":"HS256"}}', JSON.stringify(shopClaims)),
    ],
    ['one of a megabyte', makeToken({ ...shopClaims, more: 'x'.repeat(1_000_000) })],
    ['a megabyte of dots', '.'.repeat(1_000_000)],
  ])('are invalid: %s', async (_, token) => {
    expect(await check(token)).toBe('token_invalid')
  })

  it('are invalid above the maximum length', async () => {
    const tokenOf = (length: number): string => withClaims({ more: 'x'.repeat(length) })
    let length = 5000
    while (tokenOf(length + 1).length <= maxTokenLength) length++
    expect(await check(tokenOf(length))).toEqual(forever)
    expect(await check(tokenOf(length + 1))).toBe('token_invalid')
  })
})

const { publicKey: rsaKey } = rsa
const byRsa: Signer = text => signBytes('sha256', Buffer.from(text), rsa.privateKey)

describe('Tokens: key pairs', () => {
  it.each<PublicKeyAlgorithm>(['RS256', 'PS256', 'ES256', 'ES384', 'ES512', 'EdDSA'])(
    'are verified with the public key alone: %s',
    async algorithm => {
      const pair = pairFor(algorithm)
      const privatePem = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
      const token = await signWithHono(shopClaims, privatePem, algorithm)
      const jwk = JSON.stringify(pair.publicKey.export({ format: 'jwk' }))
      for (const publicKey of [pemOf(pair.publicKey), jwk]) {
        const guard = createTokens({ publicKey, algorithm }, clock)
        expect(await guard.check(token, 'shop', 'read')).toEqual(forever)
        expect(await guard.check(token, 'blog', 'read')).toBe('token_insufficient')
        const other = pairFor(algorithm).privateKey.export({ type: 'pkcs8', format: 'pem' })
        const forged = await signWithHono(shopClaims, other.toString(), algorithm)
        expect(await guard.check(forged, 'shop', 'read')).toBe('token_invalid')
      }
    },
  )

  const guard = createTokens({ publicKey: pemOf(rsaKey), algorithm: 'RS256' }, clock)

  it('reject a token that was signed with the text of the public key', async () => {
    expect(
      await guard.check(makeToken(shopClaims, { alg: 'RS256' }, byRsa), 'shop', 'read'),
    ).toEqual(forever)
    const jwk = rsaKey.export({ format: 'jwk' })
    const der = rsaKey.export({ type: 'spki', format: 'der' }).toString('latin1')
    for (const text of [
      pemOf(rsaKey),
      pemOf(rsaKey).trim(),
      JSON.stringify(jwk),
      jwk.n ?? '',
      der,
    ]) {
      for (const alg of ['HS256', 'RS256']) {
        const token = makeToken(shopClaims, { alg, typ: 'JWT' }, signWith(text))
        expect(await guard.check(token, 'shop', 'read')).toBe('token_invalid')
      }
    }
  })

  it('reject another algorithm for the same key', async () => {
    for (const alg of ['PS256', 'RS512', 'HS256', 'none']) {
      const token = makeToken(shopClaims, { alg, typ: 'JWT' }, byRsa)
      expect(await guard.check(token, 'shop', 'read')).toBe('token_invalid')
    }
  })

  it('reject a token that brings its own key', async () => {
    const other = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const jwk = other.publicKey.export({ format: 'jwk' })
    const sign: Signer = text => signBytes('sha256', Buffer.from(text), other.privateKey)
    const token = makeToken(shopClaims, { alg: 'RS256', jwk, kid: '1', jku: 'data:,' }, sign)
    expect(await guard.check(token, 'shop', 'read')).toBe('token_invalid')
  })
})

describe('Tokens: rotation of secrets', () => {
  const [fresh, old] = ['the fresh secret of the tokens, at last', secret]
  const both = createTokens({ secret: [fresh, old] }, clock)
  const tokenOf = (key: string): string => makeToken(shopClaims, undefined, signWith(key))

  it('accepts tokens of each listed secret, and of no other', async () => {
    for (const key of [fresh, old]) {
      for (let times = 0; times < 2; times++) {
        expect(await both.check(tokenOf(key), 'shop', 'read')).toEqual(forever)
      }
    }
    for (const key of [`${fresh},${old}`, fresh + old, 'x'.repeat(32)]) {
      expect(await both.check(tokenOf(key), 'shop', 'read')).toBe('token_invalid')
    }
  })

  it('requires at least one secret, each of sufficient length', () => {
    expect(() => createTokens({ secret: [fresh, 'hunter2'] }, clock)).toThrow('has 7 bytes')
    // @ts-expect-error The list of secrets is empty.
    expect(() => createTokens({ secret: [] }, clock)).toThrow(TypeError)
  })
})

function pairFor(algorithm: PublicKeyAlgorithm): { publicKey: KeyObject; privateKey: KeyObject } {
  if (algorithm === 'EdDSA') return generateKeyPairSync('ed25519')
  const curves = new Map<string, string>([
    ['ES256', 'P-256'],
    ['ES384', 'P-384'],
    ['ES512', 'P-521'],
  ])
  const curve = curves.get(algorithm)
  if (curve !== undefined) return generateKeyPairSync('ec', { namedCurve: curve })
  return generateKeyPairSync('rsa', { modulusLength: 2048 })
}

describe('Tokens: scopes', () => {
  it('are `read` by default, or the configured ones', () => {
    expect([...tokens.scopes]).toEqual(['read'])
    expect([...createTokens({ secret, scopes: ['read', 'write'] }, clock).scopes]).toEqual([
      'read',
      'write',
    ])
  })

  it('must be known, and at least one', () => {
    // @ts-expect-error The list of scopes is empty.
    expect(() => createTokens({ secret, scopes: [] }, clock)).toThrow(TypeError)
    const scopes: [Scope] = JSON.parse('["read", "admin"]')
    expect(() => createTokens({ secret, scopes }, clock)).toThrow(TypeError)
  })
})

describe('mintToken', () => {
  it('creates a token that is valid until its end', async () => {
    const contents = { issuedAt: now, expiresAt: now + 5000, scopes: ['read'] } as const
    const token = await mintToken(secret, { ...contents, site: ['shop', 'blog'] })
    expect(await check(token, 'blog')).toEqual({ expiresAt: now + 5000, access: fullAccess })
    expect(await check(token, 'other')).toBe('token_insufficient')
    expect(await check(token, 'shop', 'write')).toBe('token_insufficient')
  })

  it('creates a token for every site and both scopes without an expiry', async () => {
    const contents = { issuedAt: now, expiresAt: undefined, scopes: ['read', 'write'] } as const
    const token = await mintToken(secret, { ...contents, site: '*' })
    expect(await check(token, 'any')).toEqual(forever)
    expect(await check(token, 'any', 'write')).toEqual(forever)
  })

  it.each(['PRIVATE', 'PUBLIC', '-----BEGIN PUBLIC KEY-----'])(
    'accepts a secret that contains %s',
    async word => {
      const odd = `${word} of at least thirty-two bytes`
      const contents = { issuedAt: now, expiresAt: undefined, scopes: ['read'] } as const
      const token = await mintToken(odd, { ...contents, site: ['shop'] })
      const guard = createTokens({ secret: odd }, clock)
      expect(await guard.check(token, 'shop', 'read')).toEqual(forever)
      expect(token).toBe(makeToken(JSON.parse(claimsOf(token)), undefined, signWith(odd)))
    },
  )
})

function claimsOf(token: string): string {
  return Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()
}
