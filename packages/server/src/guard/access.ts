import type { Clock } from '../shared/clock.ts'
import type { AuthorizerOptions } from './authorizer.ts'
import type { HostNames } from './host-names.ts'
import { type Origins, createOrigins } from './origins.ts'
import type { ReadAccess } from './read-scope.ts'
import { type TokenOptions, createTokens } from './tokens.ts'
import type { Authorize } from './verdict.ts'

/** Access rules for requests. */
export interface AccessOptions {
  /** Decides whether a request may use a site, which figures, and until when. @default allows every request */
  authorize?: Authorize
  /** Longest time for `authorize`, in milliseconds; then the request is refused with 503. @default 10 seconds */
  authorizeTimeoutMs?: number
  /** Verifies the tokens that reading requires. @default none are required */
  tokens?: TokenOptions
  /**
   * Origins from which pages may read, besides the server's own. Written exactly as browsers send them.
   * @default any; but with `authorize`, a WebSocket from another origin needs a token
   */
  allowedOrigins?: readonly string[]
}

/** The access rules of a server. A reload replaces the object. */
export interface AccessRules extends AuthorizerOptions {
  /** Origins from which pages may read; `undefined` for any. */
  readonly origins: Origins | undefined
  /** Whether any rule decides who may read. */
  readonly hasReadRules: boolean
}

export interface AccessContext {
  /** Ids of the sites that exist. @default any */
  sites?: readonly string[] | undefined
  /** The figures that anyone may read without a token, by site. @default no site has any */
  publicAccess?: ReadonlyMap<string, ReadAccess>
  /** Hosts of requests. @default any */
  hosts?: HostNames
  clock: Clock
  /** Receives errors of `authorize` while a token is renewed. */
  onError(error: unknown): void
}

/** @throws {TypeError} for an invalid origin or timeout, and a secret or key that cannot verify tokens */
export function createAccessRules(
  options: AccessOptions | undefined,
  context: AccessContext,
): AccessRules {
  const { authorize, authorizeTimeoutMs, allowedOrigins } = options ?? {}
  const { sites, publicAccess = new Map(), hosts, clock, onError } = context
  const tokens = options?.tokens && createTokens(options.tokens, clock)
  const origins = allowedOrigins && createOrigins(allowedOrigins)
  return {
    sites: sites && new Set(sites),
    publicAccess,
    authorize,
    timeoutMs: checkTimeout(authorizeTimeoutMs),
    tokens,
    origins,
    hosts,
    clock,
    onError,
    hasReadRules:
      authorize !== undefined || tokens?.scopes.has('read') === true || publicAccess.size > 0,
  }
}

function checkTimeout(timeoutMs: number | undefined): number | undefined {
  if (timeoutMs === undefined || timeoutMs > 0) return timeoutMs
  throw new TypeError(
    `access.authorizeTimeoutMs: ${timeoutMs} is not a number of milliseconds above 0; for example 10000.`,
  )
}
