import { sign } from 'hono/jwt'
import type { Scope } from './authorization.ts'
import type { ReadScope } from './read-scope.ts'
import { toSecretKey } from './token-key.ts'
import { tokenAudience } from './tokens.ts'

export interface TokenContents {
  /** Site ids, or `*` for every site. */
  readonly site: '*' | readonly string[]
  readonly scopes: readonly Scope[]
  /** The figures that the token allows to read. @default all */
  readonly figures?: ReadScope
  /** Milliseconds since 1970. */
  readonly issuedAt: number
  /** Milliseconds since 1970; `undefined` for never. */
  readonly expiresAt: number | undefined
}

/**
 * Creates a token that a server with `tokens: { secret }` accepts (HS256).
 * @throws {TypeError} for a secret of fewer than 32 bytes
 */
export function mintToken(secret: string, contents: TokenContents): Promise<string> {
  const { site, scopes, figures, issuedAt, expiresAt } = contents
  const claims = {
    aud: tokenAudience,
    site: site === '*' ? site : [...site],
    scope: scopes.join(' '),
    ...(figures?.channels && { channels: [...figures.channels] }),
    ...(figures?.paths && { paths: [...figures.paths] }),
    iat: toSeconds(issuedAt),
    ...(expiresAt !== undefined && { exp: toSeconds(expiresAt) }),
  }
  return sign(claims, toSecretKey(secret), 'HS256')
}

/** RFC 7519, section 2: times in tokens are in seconds. */
function toSeconds(ms: number): number {
  return Math.floor(ms / 1000)
}
