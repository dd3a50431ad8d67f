import { type ErrorCode, isObject, limits } from '@tidemark/protocol'
import type { Clock } from '../shared/clock.ts'
import type { Authorization, Scope } from './authorization.ts'
import {
  isHandshake,
  subprotocolTokenOf,
  tokenOf,
  withSubprotocolToken,
  withToken,
} from './credentials.ts'
import { type Origins, isSameHost } from './origins.ts'
import { wallTimeOf } from '../shared/wall-time.ts'
import { memoizeLast } from '../shared/memoize-last.ts'
import { ServerWarning } from '../shared/server-warning.ts'
import type { Tokens } from './tokens.ts'

/**
 * Decides whether a request may use a site. A token is in `Authorization`, also when a WebSocket sent it as a
 * subprotocol.
 */
export type Authorize = (request: Request, site: string, scope: Scope) => Verdict | Promise<Verdict>

/** Allowed, refused, or allowed until a time in milliseconds since 1970. */
export type Verdict = boolean | { readonly expiresAt: number }

/** The access rules by which requests are authorized. A reload replaces the object. */
export interface AuthorizerOptions {
  /** Ids of the sites that exist; `undefined` for any. */
  sites: ReadonlySet<string> | undefined
  authorize: Authorize | undefined
  /** @default no token is required */
  tokens?: Tokens | undefined
  /** Origins from which pages may read. @default any; see `checkOrigin` */
  origins?: Origins | undefined
  /** Longest time for `authorize`, in milliseconds. @default 10 seconds */
  timeoutMs?: number | undefined
  clock: Clock
  /** Receives errors of `authorize` while a token is renewed, as no request can fail then. */
  onError(error: unknown): void
}

const defaultTimeoutMs = 10_000

/**
 * Authorizes a request before its route does anything else, and before an upgrade. Resolves with the code of the
 * refusal when it is not allowed.
 */
export type Authorizer = (
  request: Request,
  site: string,
  scope: Scope,
) => Promise<Authorization | ErrorCode>

/** @param rules returns the current rules */
export function createAuthorizer(rules: () => AuthorizerOptions): Authorizer {
  const timeoutWarningOf = memoizeLast(
    (timeoutMs: number) =>
      new ServerWarning(
        `access.authorize did not answer within ${timeoutMs} ms, so the request is refused with 503.`,
        'authorize_timeout',
        { timeoutMs },
      ),
  )

  /**
   * Resolves with the end of the authorization, or the code of the refusal. Checks the token before the site, so that
   * a client without one cannot find out which sites exist.
   */
  async function decide(
    { sites, authorize, tokens, clock, timeoutMs }: AuthorizerOptions,
    request: Request,
    site: string,
    scope: Scope,
  ): Promise<number | undefined | ErrorCode> {
    let expiresAt: number | undefined
    if (tokens?.scopes.has(scope)) {
      const token = tokenOf(request)
      if (token === undefined) return 'token_missing'
      const grant = await tokens.check(token, site, scope)
      if (typeof grant === 'string') return grant
      expiresAt = grant.expiresAt
    }
    if (!isSiteId(site) || (sites && !sites.has(site))) return 'site_unknown'
    if (!authorize) return expiresAt
    const verdict = await within(authorize(request, site, scope), clock, timeoutMs)
    if (verdict === 'authorize_timeout') return verdict
    if (!verdict) return 'refused'
    if (verdict === true) return expiresAt
    return earliest(expiresAt, verdict.expiresAt, wallTimeOf(clock))
  }

  /** Resolves with a verdict, or with the code of the refusal when it takes too long. */
  async function within(
    verdict: Verdict | Promise<Verdict>,
    clock: Clock,
    timeoutMs: number = defaultTimeoutMs,
  ): Promise<Verdict | 'authorize_timeout'> {
    if (!isObject(verdict) || !('then' in verdict)) return verdict
    let cancel = (): void => {}
    const timeout = new Promise<'authorize_timeout'>(resolve => {
      cancel = clock.after(timeoutMs, () => {
        rules().onError(timeoutWarningOf(timeoutMs))
        resolve('authorize_timeout')
      })
    })
    try {
      return await Promise.race([Promise.resolve(verdict), timeout])
    } finally {
      cancel()
    }
  }

  /**
   * @param request the request as it arrived, whose origin is checked
   * @param renewed the request with the token that replaced its first one
   */
  async function authorizeOnce(
    request: Request,
    site: string,
    scope: Scope,
    renewed?: Request,
  ): Promise<Authorization | ErrorCode> {
    const current = rules()
    const refusal = scope === 'read' ? checkOrigin(request, current) : undefined
    if (refusal) return refusal
    const authenticated = renewed ?? withOfferedToken(request, scope, current)
    const expiresAt = await decide(current, authenticated, site, scope)
    // The rules were replaced meanwhile, and may be stricter now.
    if (rules() !== current) return authorizeOnce(request, site, scope, renewed)
    if (typeof expiresAt === 'string') return expiresAt

    /** Authorizes again, without an answer to the refusal or the error. */
    async function again(next: Request | undefined): Promise<Authorization | undefined> {
      try {
        const answer = await authorizeOnce(request, site, scope, next)
        return typeof answer === 'string' ? undefined : answer
      } catch (error) {
        rules().onError(error)
        return undefined
      }
    }
    return {
      expiresAt,
      isCurrent: () => rules() === current,
      renew: token => again(withToken(authenticated, token)),
      recheck: () => again(renewed),
    }
  }

  return (request, site, scope) => authorizeOnce(request, site, scope)
}

/** Moves the token that a handshake offers as a subprotocol to `Authorization`, where the rules ask for one. */
function withOfferedToken(request: Request, scope: Scope, rules: AuthorizerOptions): Request {
  const { authorize, tokens, origins } = rules
  const isGuarded = authorize !== undefined || tokens?.scopes.has(scope) === true
  if (scope !== 'read' || !isGuarded || !isHandshake(request)) return request
  return withSubprotocolToken(request, isForeign(request, origins))
}

/**
 * Refuses pages of origins that are not listed. Without a list, CORS lets every page read, but without cookies. CORS
 * does not cover WebSockets, to which browsers add cookies. So where `authorize` may decide by cookies, a WebSocket
 * from another origin is refused unless it shows a token.
 */
function checkOrigin(request: Request, options: AuthorizerOptions): ErrorCode | undefined {
  const { origins, authorize, tokens } = options
  const mayUseCookies =
    authorize !== undefined &&
    !tokens?.scopes.has('read') &&
    isHandshake(request) &&
    subprotocolTokenOf(request) === undefined
  if (!origins && !mayUseCookies) return undefined
  return isForeign(request, origins) ? 'origin_refused' : undefined
}

/** Returns whether a request comes from a page of an origin that is neither the server's own nor listed. */
function isForeign(request: Request, origins: Origins | undefined): boolean {
  const origin = request.headers.get('Origin')
  if (origin === null) return false
  return !(origins ? origins.isAllowed(origin, request.url) : isSameHost(origin, request.url))
}

/**
 * Returns the earlier end, `undefined` for none, or the refusal when it has passed.
 * @throws {TypeError} when `authorize` returned an invalid time
 */
function earliest(
  expiresAt: number = Infinity,
  authorizedUntil: number,
  now: number,
): number | undefined | ErrorCode {
  if (typeof authorizedUntil !== 'number' || Number.isNaN(authorizedUntil)) {
    throw new TypeError(
      `access.authorize: expiresAt ${String(authorizedUntil)} is not a time in milliseconds since 1970. ` +
        'Return `true` to authorize without an expiry.',
    )
  }
  const first = Math.min(expiresAt, authorizedUntil)
  if (first <= now) return 'token_expired'
  return first === Infinity ? undefined : first
}

/** Description of a valid site id, for error messages. */
export const siteIdFormat =
  '1 to 64 letters, digits, dots, underscores and hyphens, with a letter or digit first'

/** Returns whether a text is a site id: 1 to 64 letters, digits and `. _ -`, safe in URLs, file names and log lines. */
export function isSiteId(text: string): boolean {
  return text.length <= limits.maxSiteIdLength && /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(text)
}
