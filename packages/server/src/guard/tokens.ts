import { type ErrorCode, isObject } from '@tidemark/protocol'
import { verify } from 'hono/jwt'
import { LRUCache } from 'lru-cache'
import type { Clock } from '../shared/clock.ts'
import { wallTimeOf } from '../shared/wall-time.ts'
import type { Scope } from './authorization.ts'
import { type ReadAccess, type ReadScope, toReadAccess } from './read-scope.ts'
import { type PublicKeyAlgorithm, type TokenKey, toPublicKey, toSecretKey } from './token-key.ts'

/** Key that verifies the tokens of this server: a shared secret (HS256), or the public half of a key pair. */
export type TokenOptions = (
  | {
      /**
       * At least 32 bytes of UTF-8. A list while a secret is replaced: new tokens are signed with the first, and
       * tokens of the others are still accepted.
       */
      secret: string | readonly [string, ...string[]]
      publicKey?: never
      algorithm?: never
    }
  | {
      /** PEM, or JWK as JSON. */
      publicKey: string
      algorithm: PublicKeyAlgorithm
      secret?: never
    }
) & {
  /**
   * Scopes that require a token. Writing is open by default, as a script tag cannot keep a secret. @default ['read']
   */
  scopes?: readonly [Scope, ...Scope[]]
}

/** The right that a valid token grants. */
export interface Grant {
  /** In milliseconds since 1970; `undefined` for never. */
  readonly expiresAt: number | undefined
  /** The figures that the token allows to read. */
  readonly access: ReadAccess
}

export interface Tokens {
  /** Scopes that require a token. */
  readonly scopes: ReadonlySet<Scope>
  /** Resolves with the grant of a token for a site and scope, or the code of its refusal. */
  check(token: string, site: string, scope: Scope): Promise<Grant | ErrorCode>
}

/** The required `aud` of a token. */
export const tokenAudience = 'tidemark'

/** Longest accepted token, in characters. Node accepts headers up to 16 KiB. */
export const maxTokenLength = 8192

/**
 * Bounds of the cache of verified tokens, in entries and characters. A polling reader sends the same token each time,
 * and its signature costs five times as much as the rest of the request.
 */
const maxKnownTokens = 10_000
const maxKnownLength = 8_388_608

/** How far the clock of the issuer may be ahead, in milliseconds. */
const notBeforeLeewayMs = 5000

/** The last time that a `Date` can hold, in seconds since 1970. */
const maxSeconds = 8_640_000_000_000

/** RFC 7515, section 3.1: three parts in base64url. The third is required: unsigned tokens are refused. */
const compactForm = /^[\w-]+\.[\w-]+\.[\w-]+$/

/** @throws {TypeError} for a missing or short secret, a key that does not fit its algorithm, and unknown scopes */
export function createTokens(options: TokenOptions, clock: Clock): Tokens {
  const keys = toKeys(options)
  const alg = options.secret === undefined ? options.algorithm : 'HS256'
  const scopes = parseScopes(options.scopes ?? ['read'])
  const known = new LRUCache<string, Verified>({
    max: maxKnownTokens,
    maxSize: maxKnownLength,
    sizeCalculation: (_, token) => token.length,
  })

  /** Returns the claims of a token; `undefined` unless a key of this server verifies it, and for an invalid scope. */
  async function read(token: string): Promise<Verified | undefined> {
    if (token.length > maxTokenLength || !compactForm.test(token)) return undefined
    const before = known.get(token)
    if (before) return before
    for (const key of keys) {
      try {
        // The server decides the algorithm, not the token (RFC 8725, section 3.1). `check` verifies the times.
        const claims: unknown = await verify(token, key, {
          alg,
          nbf: false,
          exp: false,
          iat: false,
        })
        const access = isObject(claims) ? toAccess(claims) : undefined
        if (!isObject(claims) || !access) return undefined
        const verified = { claims, access }
        known.set(token, verified)
        return verified
      } catch {
        // Not a token of this key. The error contains the token, so it is not reported.
      }
    }
    return undefined
  }

  return {
    scopes,
    async check(token, site, scope) {
      const verified = await read(token)
      if (!verified) return 'token_invalid'
      const { claims, access } = verified
      if (!toList(claims['aud']).includes(tokenAudience)) return 'token_invalid'
      const begins = toTime(claims['nbf'], 0)
      const ends = toTime(claims['exp'], Infinity)
      if (begins === undefined || ends === undefined) return 'token_invalid'
      const now = wallTimeOf(clock)
      if (begins > now + notBeforeLeewayMs) return 'token_invalid'
      if (ends <= now) return 'token_expired'
      // Checked last: only a valid token may learn that it is insufficient.
      if (!allows(claims, site, scope)) return 'token_insufficient'
      return { expiresAt: ends === Infinity ? undefined : ends, access }
    },
  }
}

/** A token with a valid signature. */
interface Verified {
  readonly claims: Record<string, unknown>
  readonly access: ReadAccess
}

/** Returns the figures that a token allows; `undefined` for invalid claims, which must not allow everything. */
function toAccess({ channels, paths }: Record<string, unknown>): ReadAccess | undefined {
  try {
    // The claims are from outside, and `toReadAccess` checks each of them.
    const scope = {
      ...(channels !== undefined && { channels }),
      ...(paths !== undefined && { paths }),
    }
    return toReadAccess(scope as ReadScope, 'token')
  } catch (error) {
    if (error instanceof TypeError) return undefined
    throw error
  }
}

function toKeys(options: TokenOptions): readonly TokenKey[] {
  if (options.secret === undefined) return [toPublicKey(options.publicKey, options.algorithm)]
  const secrets = [options.secret].flat()
  if (secrets.length === 0)
    throw new TypeError('access.tokens.secret: the list is empty. Give at least one secret.')
  return secrets.map(toSecretKey)
}

function parseScopes(names: readonly Scope[]): ReadonlySet<Scope> {
  const scopes = new Set(names)
  const isKnown = [...scopes].every(scope => scope === 'read' || scope === 'write')
  if (scopes.size > 0 && isKnown) return scopes
  throw new TypeError(
    `access.tokens.scopes: ${JSON.stringify(names)} is not a list of 'read' and 'write' with at least one of them.`,
  )
}

function allows(claims: Record<string, unknown>, site: string, scope: Scope): boolean {
  const isScope = typeof claims['scope'] === 'string' && claims['scope'].split(' ').includes(scope)
  const isSite = claims['site'] === '*' || toList(claims['site']).includes(site)
  return isScope && isSite
}

function toList(claim: unknown): readonly unknown[] {
  return Array.isArray(claim) ? claim : [claim]
}

/** Converts a time claim from seconds to milliseconds; `undefined` for an invalid one. */
function toTime(claim: unknown, fallback: number): number | undefined {
  if (claim === undefined) return fallback
  const isTime = typeof claim === 'number' && claim >= 0 && claim <= maxSeconds
  return isTime ? claim * 1000 : undefined
}
