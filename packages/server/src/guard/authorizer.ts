import { limits } from '@tidemark/protocol'
import type { Clock } from '../shared/clock.ts'
import {
  type Authorization,
  type Refusal,
  type Scope,
  type SelectFigures,
  openAuthorization,
  selectAllowed,
} from './authorization.ts'
import { type Base, type Client, cachingOf, isAsked, toBase, toPublicBase } from './base-rights.ts'
import { isHandshake, subprotocolTokenOf, withSubprotocolToken, withToken } from './credentials.ts'
import type { RequestedFigures } from './figures.ts'
import type { HostNames } from './host-names.ts'
import { type Origins, isSameHost } from './origins.ts'
import { type ReadAccess, intersectAccess } from './read-scope.ts'
import type { Tokens } from './tokens.ts'
import { type Authorize, createAskAuthorize } from './verdict.ts'

/** The access rules by which requests are authorized. A reload replaces the object. */
export interface AuthorizerOptions {
  /** Ids of the sites that exist; `undefined` for any. */
  sites: ReadonlySet<string> | undefined
  authorize: Authorize | undefined
  /** @default no token is required */
  tokens?: Tokens | undefined
  /** The figures that anyone may read without a token, by site. @default no site has any */
  publicAccess?: ReadonlyMap<string, ReadAccess>
  /** Origins from which pages may read. @default any; see `checkOrigin` */
  origins?: Origins | undefined
  /** Hosts of requests, for connections that are open when the list changes. @default any */
  hosts?: Pick<HostNames, 'isListed' | 'accepts'> | undefined
  /** Longest time for `authorize`, in milliseconds. @default 10 seconds */
  timeoutMs?: number | undefined
  clock: Clock
  /** Receives errors of `authorize` while a token is renewed or figures are selected, as no request can fail then. */
  onError(error: unknown): void
}

/**
 * Authorizes a request before its route does anything else, and before an upgrade.
 * @param select returns the figures that the request asks for. @default none
 */
export type Authorizer = (
  request: Request,
  site: string,
  scope: Scope,
  select?: SelectFigures,
) => Promise<Authorization | Refusal>

/** The rights of a client, and its figures. */
interface Decision extends Base {
  readonly figures: RequestedFigures | undefined
}

const noFigures: SelectFigures = () => ({ figures: undefined })

/** @param rules returns the current rules */
export function createAuthorizer(rules: () => AuthorizerOptions): Authorizer {
  const askAuthorize = createAskAuthorize(error => rules().onError(error))

  /**
   * Resolves with the rights of a client, or the reason of the refusal. Checks the token before the site, so that a
   * client without one cannot find out which sites exist.
   */
  async function decide(
    current: AuthorizerOptions,
    client: Client,
    select: SelectFigures,
  ): Promise<Decision | Refusal> {
    const { sites, authorize } = current
    const { request, site, scope } = client
    const base = await toBase(current, client)
    if ('code' in base) return base
    if (!isSiteId(site) || (sites && !sites.has(site))) return { code: 'site_unknown' }
    const selected = withFigures(base, select)
    if ('code' in selected || !authorize || !isAsked(current, scope, base)) return selected
    const verdict = await askAuthorize(
      { ...current, authorize },
      request,
      site,
      scope,
      selected.figures,
    )
    if ('code' in verdict) {
      const fallback = verdict.code === 'refused' ? toPublicBase(current, client) : undefined
      return fallback ? withFigures(fallback, select) : verdict
    }
    const access = intersectAccess(base.access, verdict.access)
    const expiresAt = Math.min(base.expiresAt, verdict.expiresAt)
    return withFigures({ ...base, access, expiresAt }, select)
  }

  /**
   * @param request the request as it arrived, whose origin is checked
   * @param renewed the request with the token that replaced its first one
   */
  async function authorizeOnce(
    client: Client,
    select: SelectFigures,
    renewed?: Request,
  ): Promise<Authorization | Refusal> {
    const { request, scope } = client
    const current = rules()
    const code =
      checkHost(request, current) ?? (scope === 'read' ? checkOrigin(request, current) : undefined)
    if (code) return { code }
    const authenticated = renewed ?? withOfferedToken(request, scope, current)
    const decision = await decide(current, { ...client, request: authenticated }, select)
    // The rules were replaced meanwhile, and may be stricter now.
    if (rules() !== current) return authorizeOnce(client, select, renewed)
    if ('code' in decision) return decision

    /** Authorizes again. Reports an error, and refuses then. */
    async function again(
      next: Request | undefined,
      selectAgain: SelectFigures,
    ): Promise<Authorization | Refusal> {
      try {
        return await authorizeOnce(client, selectAgain, next)
      } catch (error) {
        rules().onError(error)
        return { code: 'internal' }
      }
    }

    function toAuthorization({ figures, ...base }: Decision): Authorization {
      const { access, expiresAt } = base
      const sameFigures: SelectFigures = () => ({ figures })
      return {
        expiresAt: expiresAt === Infinity ? undefined : expiresAt,
        access,
        figures,
        caching: cachingOf(current, scope, base),
        isCurrent: () => rules() === current,
        renew: token => again(withToken(authenticated, token), sameFigures),
        recheck: () => again(renewed, sameFigures),
        select(selectOther) {
          const isFinal = rules() === current && !isAsked(current, scope, base)
          if (!isFinal) return again(renewed, selectOther)
          const selected = withFigures(base, selectOther)
          return 'code' in selected ? selected : toAuthorization(selected)
        },
      }
    }
    return toAuthorization(decision)
  }

  /** Returns whether everyone may send events of a site. */
  function isOpenForSenders(site: string): boolean {
    const { sites, authorize, tokens } = rules()
    return (
      !authorize && !tokens?.scopes.has('write') && isSiteId(site) && (!sites || sites.has(site))
    )
  }

  return (request, site, scope, select = noFigures) =>
    scope === 'write' && isOpenForSenders(site)
      ? openToSenders
      : authorizeOnce({ request, site, scope }, select)
}

/** Shared, because most servers accept events of everyone, and each step costs a small request. */
const openToSenders = Promise.resolve(openAuthorization)

/** Adds the figures of a request to rights, or refuses them. */
function withFigures(base: Base, select: SelectFigures): Decision | Refusal {
  const selected = selectAllowed(select, base.access)
  return 'code' in selected ? selected : { ...base, figures: selected.figures }
}

/** Moves the token that a handshake offers as a subprotocol to `Authorization`, where the rules ask for one. */
function withOfferedToken(request: Request, scope: Scope, rules: AuthorizerOptions): Request {
  const { authorize, tokens, origins } = rules
  const isGuarded = authorize !== undefined || tokens?.scopes.has(scope) === true
  if (scope !== 'read' || !isGuarded || !isHandshake(request)) return request
  return withSubprotocolToken(request, isForeign(request, origins))
}

/** Refuses hosts that are not listed. A new request has passed this check already; an open connection has not. */
function checkHost(
  { headers, url }: Request,
  { hosts }: AuthorizerOptions,
): 'host_refused' | undefined {
  if (!hosts?.isListed) return undefined
  return hosts.accepts(headers.get('Host') ?? new URL(url).host) ? undefined : 'host_refused'
}

/**
 * Refuses pages of origins that are not listed. Without a list, CORS lets every page read, but without cookies. CORS
 * does not cover WebSockets, to which browsers add cookies. So where `authorize` may decide by cookies, a WebSocket
 * from another origin is refused unless it shows a token.
 */
function checkOrigin(request: Request, options: AuthorizerOptions): 'origin_refused' | undefined {
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

/** Description of a valid site id, for error messages. */
export const siteIdFormat =
  '1 to 64 letters, digits, dots, underscores and hyphens, with a letter or digit first'

/** Returns whether a text is a site id: 1 to 64 letters, digits and `. _ -`, safe in URLs, file names and log lines. */
export function isSiteId(text: string): boolean {
  return text.length <= limits.maxSiteIdLength && /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(text)
}
