import { type ErrorCode, limits } from '@tidemark/protocol'
import type { Clock } from '../shared/clock.ts'
import { type Access, type Scope, openAccess } from './access.ts'
import {
  isHandshake,
  subprotocolTokenOf,
  tokenOf,
  withSubprotocolToken,
  withToken,
} from './credentials.ts'
import { type Origins, isOwn } from './origins.ts'
import type { Tokens } from './tokens.ts'

/**
 * Says whether a request may do something with a site, or until when, in milliseconds since 1970. A token is in
 * `Authorization`, also that of a WebSocket, which came as a subprotocol.
 */
export type Authorize = (request: Request, site: string, scope: Scope) => Verdict | Promise<Verdict>

export type Verdict = boolean | { readonly expiresAt: number }

export interface GuardOptions {
  /** The sites there are; `undefined` for any. */
  sites: ReadonlySet<string> | undefined
  authorize: Authorize | undefined
  /** @default nobody needs one */
  tokens?: Tokens | undefined
  /** Pages of which origins may read. @default all, as far as CORS goes; see `refusalOfOrigin` */
  origins?: Origins | undefined
  clock: Clock
  /** Told what `authorize` threw when a token was renewed, where no request is there to fail. */
  onError(error: unknown): void
}

/** Asked by every route before anything else, and before an upgrade: what somebody may, or the code of the refusal. */
export type Admit = (request: Request, site: string, scope: Scope) => Promise<Access | ErrorCode>

export function createAdmit(options: GuardOptions): Admit {
  const { sites, authorize, tokens, clock, onError } = options

  /** Until when, or the refusal. Without the right token nobody learns whether there is such a site. */
  async function decide(
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
    const verdict = await authorize(request, site, scope)
    if (!verdict) return 'refused'
    if (verdict === true) return expiresAt
    return earliest(expiresAt, verdict.expiresAt, clock.now())
  }

  function toAccess(
    request: Request,
    site: string,
    scope: Scope,
    expiresAt: number | undefined,
  ): Access {
    return {
      expiresAt,
      async renew(token) {
        const renewed = withToken(request, token)
        try {
          const decision = await decide(renewed, site, scope)
          if (typeof decision === 'string') return undefined
          return toAccess(renewed, site, scope, decision)
        } catch (error) {
          onError(error)
          return undefined
        }
      },
    }
  }

  return async (request, site, scope) => {
    const isGuarded = authorize !== undefined || tokens?.scopes.has(scope) === true
    let asking = request
    if (scope === 'read') {
      const code = refusalOfOrigin(request, options)
      if (code) return code
      if (isGuarded && isHandshake(request)) {
        asking = withSubprotocolToken(request, isForeign(request, options.origins))
      }
    }
    const decision = await decide(asking, site, scope)
    if (typeof decision === 'string') return decision
    return isGuarded ? toAccess(asking, site, scope, decision) : openAccess
  }
}

/**
 * Pages of other origins than those listed do not read. Where none are listed CORS lets all read, without cookies. It
 * says nothing of WebSockets, to which a browser adds them; so where they may be what lets a reader in, the page of
 * somebody else has to show a token in their place.
 */
function refusalOfOrigin(request: Request, options: GuardOptions): ErrorCode | undefined {
  const { origins, authorize, tokens } = options
  const mayBeByCookies =
    authorize !== undefined &&
    !tokens?.scopes.has('read') &&
    isHandshake(request) &&
    subprotocolTokenOf(request) === undefined
  if (!origins && !mayBeByCookies) return undefined
  return isForeign(request, origins) ? 'origin_refused' : undefined
}

/** Whether it comes from a page that is neither the server's own nor of an origin that is listed. */
function isForeign(request: Request, origins: Origins | undefined): boolean {
  const origin = request.headers.get('Origin')
  if (origin === null) return false
  return !(origins ? origins.mayRead(origin, request.url) : isOwn(origin, request.url))
}

/** @throws {TypeError} for what is no time: access without an end is `true` */
function earliest(
  expiresAt: number = Infinity,
  authorizedUntil: number,
  now: number,
): number | undefined | ErrorCode {
  if (typeof authorizedUntil !== 'number' || Number.isNaN(authorizedUntil)) {
    throw new TypeError(
      '`authorize` gave an `expiresAt` that is no time in milliseconds since 1970.',
    )
  }
  const first = Math.min(expiresAt, authorizedUntil)
  if (first <= now) return 'token_expired'
  return first === Infinity ? undefined : first
}

/** Letters, digits and `. _ -`, at most 64: safe in an address, a file name and a log line. */
export function isSiteId(text: string): boolean {
  return text.length <= limits.maxSiteIdLength && /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(text)
}
