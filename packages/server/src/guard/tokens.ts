import { type ErrorCode, isObject } from '@tidemark/protocol'
import { verify } from 'hono/jwt'
import { LRUCache } from 'lru-cache'
import type { Clock } from '../shared/clock.ts'
import type { Scope } from './authorization.ts'
import { type PublicKeyAlgorithm, type TokenKey, toPublicKey, toSecretKey } from './token-key.ts'

/**
 * Who signs the tokens of this server: whoever knows a secret (HS256), or whoever has the private half of a key
 * pair.
 */
export type TokenOptions = (
  | {
      /**
       * At least 32 bytes of UTF-8. While one is replaced by another, both: the first is what new tokens are signed
       * with, and tokens of the others are taken too.
       */
      secret: string | readonly string[]
      publicKey?: never
      algorithm?: never
    }
  | {
      /** A PEM, or a JWK as JSON. */
      publicKey: string
      algorithm: PublicKeyAlgorithm
      secret?: never
    }
) & {
  /** What takes a token. Writing is open unless it is named: a script tag can keep no secret. @default ['read'] */
  scopes?: readonly Scope[]
}

/** What a good token allows. */
export interface Grant {
  /** In milliseconds since 1970; `undefined` for never. */
  readonly expiresAt: number | undefined
}

export interface Tokens {
  /** What takes a token. */
  readonly scopes: ReadonlySet<Scope>
  /** What a token allows somebody to do with a site, or why it does not. */
  check(token: string, site: string, scope: Scope): Promise<Grant | ErrorCode>
}

/** Whom tokens are for, as their `aud` says. */
export const tokenAudience = 'tidemark'

/** In characters. A longer one is not looked at; no header of Node's is longer than 16 KiB. */
export const maxTokenLength = 8192

/**
 * Good tokens whose signature is not checked again, and their characters together: a reader that polls shows the same
 * one each time, and its signature costs five times as much as the rest of its request.
 */
const maxKnownTokens = 10_000
const maxKnownLength = 8_388_608

/** How far the clock of whoever makes tokens may be ahead of ours. */
const notBeforeLeewayMs = 5000

/** The last time that a `Date` can be, in seconds since 1970. */
const maxSeconds = 8_640_000_000_000

/** RFC 7515, section 3.1: three parts in base64url; ours are all signed. */
const compactForm = /^[\w-]+\.[\w-]+\.[\w-]+$/

/** @throws {TypeError} for no secret or one that is too short, a key that is none for its algorithm, and unknown scopes */
export function createTokens(options: TokenOptions, clock: Clock): Tokens {
  const keys = toKeys(options)
  const alg = options.secret === undefined ? options.algorithm : 'HS256'
  const scopes = parseScopes(options.scopes ?? ['read'])
  const known = new LRUCache<string, Record<string, unknown>>({
    max: maxKnownTokens,
    maxSize: maxKnownLength,
    sizeCalculation: (_, token) => token.length,
  })

  /** What the token says, if it was signed with our key by our algorithm. */
  async function read(token: string): Promise<Record<string, unknown> | undefined> {
    if (token.length > maxTokenLength || !compactForm.test(token)) return undefined
    const before = known.get(token)
    if (before) return before
    for (const key of keys) {
      try {
        // The algorithm is ours and not the token's word (RFC 8725, section 3.1); so is the time, which is checked below.
        const claims: unknown = await verify(token, key, {
          alg,
          nbf: false,
          exp: false,
          iat: false,
        })
        if (!isObject(claims)) return undefined
        known.set(token, claims)
        return claims
      } catch {
        // Whatever is wrong with it, it is not one of this key. The error has the token in it and goes no further.
      }
    }
    return undefined
  }

  return {
    scopes,
    async check(token, site, scope) {
      const claims = await read(token)
      if (!claims || !toList(claims['aud']).includes(tokenAudience)) return 'token_invalid'
      const begins = toTime(claims['nbf'], 0)
      const ends = toTime(claims['exp'], Infinity)
      if (begins === undefined || ends === undefined) return 'token_invalid'
      const now = clock.now()
      if (begins > now + notBeforeLeewayMs) return 'token_invalid'
      if (ends <= now) return 'token_expired'
      // Last, so that it is said of tokens alone that are good for something.
      if (!allows(claims, site, scope)) return 'token_insufficient'
      return { expiresAt: ends === Infinity ? undefined : ends }
    },
  }
}

function toKeys(options: TokenOptions): readonly TokenKey[] {
  if (options.secret === undefined) return [toPublicKey(options.publicKey, options.algorithm)]
  const secrets = [options.secret].flat()
  if (secrets.length === 0)
    throw new TypeError('The tokens have no secret; they take at least one.')
  return secrets.map(toSecretKey)
}

function parseScopes(names: readonly Scope[]): ReadonlySet<Scope> {
  const scopes = new Set(names)
  const isKnown = [...scopes].every(scope => scope === 'read' || scope === 'write')
  if (scopes.size > 0 && isKnown) return scopes
  throw new TypeError("The scopes that take a token are of 'read' and 'write', and not none.")
}

function allows(claims: Record<string, unknown>, site: string, scope: Scope): boolean {
  const isScope = typeof claims['scope'] === 'string' && claims['scope'].split(' ').includes(scope)
  const isSite = claims['site'] === '*' || toList(claims['site']).includes(site)
  return isScope && isSite
}

function toList(claim: unknown): readonly unknown[] {
  return Array.isArray(claim) ? claim : [claim]
}

/** A time as tokens have it, in seconds, as milliseconds; `undefined` for what is no time. */
function toTime(claim: unknown, fallback: number): number | undefined {
  if (claim === undefined) return fallback
  const isTime = typeof claim === 'number' && claim >= 0 && claim <= maxSeconds
  return isTime ? claim * 1000 : undefined
}
