import { sign } from 'hono/jwt'
import type { Scope } from './authorization.ts'
import { toSecretKey } from './token-key.ts'
import { tokenAudience } from './tokens.ts'

export interface TokenContents {
  /** Ids, or `*` for every site. */
  readonly site: '*' | readonly string[]
  readonly scopes: readonly Scope[]
  /** When it is made, in milliseconds since 1970. */
  readonly issuedAt: number
  /** In milliseconds since 1970; `undefined` for never. */
  readonly expiresAt: number | undefined
}

/**
 * A token that `tokens: { secret }` takes (HS256).
 * @throws {TypeError} for a secret of fewer than 32 bytes
 */
export function mintToken(secret: string, contents: TokenContents): Promise<string> {
  const { site, scopes, issuedAt, expiresAt } = contents
  const claims = {
    aud: tokenAudience,
    site: site === '*' ? site : [...site],
    scope: scopes.join(' '),
    iat: toSeconds(issuedAt),
    ...(expiresAt !== undefined && { exp: toSeconds(expiresAt) }),
  }
  return sign(claims, toSecretKey(secret), 'HS256')
}

/** RFC 7519, section 2: tokens count in seconds. */
function toSeconds(ms: number): number {
  return Math.floor(ms / 1000)
}
