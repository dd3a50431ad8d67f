import type { Caching, Refusal, Scope } from './authorization.ts'
import { sendsToken, tokenOf } from './credentials.ts'
import type { Origins } from './origins.ts'
import { type ReadAccess, fullAccess, noAccess } from './read-scope.ts'
import type { Tokens } from './tokens.ts'
import type { Approval, Authorize } from './verdict.ts'

/** The client of a request, and the action that it wants to do. */
export interface Client {
  readonly request: Request
  readonly site: string
  readonly scope: Scope
}

/** The rights of a client before `authorize` is asked. */
export interface Base extends Approval {
  /** Whether the rights come from a public rule instead of a token. */
  readonly isPublic: boolean
}

/** The rules that decide on these rights. */
interface BaseRules {
  authorize: Authorize | undefined
  tokens?: Tokens | undefined
  publicAccess?: ReadonlyMap<string, ReadAccess>
  origins?: Origins | undefined
}

const open: Base = { access: fullAccess, expiresAt: Infinity, isPublic: false }

/** Returns the rights by the token of a request, by the public rule of the site, or of a server without rules. */
export async function toBase(rules: BaseRules, client: Client): Promise<Base | Refusal> {
  const { tokens, authorize, publicAccess } = rules
  const { request, site, scope } = client
  if (!tokens?.scopes.has(scope)) {
    const isOpen = scope === 'write' || authorize !== undefined || !publicAccess?.size
    return isOpen ? open : (toPublicBase(rules, client) ?? { ...open, access: noAccess })
  }
  const token = tokenOf(request)
  if (token === undefined) {
    // An empty token is a mistake of the client, which public figures would hide.
    const base = sendsToken(request) ? undefined : toPublicBase(rules, client)
    return base ?? { code: 'token_missing' }
  }
  const grant = await tokens.check(token, site, scope)
  if (typeof grant === 'string') return { code: grant }
  return { access: grant.access, expiresAt: grant.expiresAt ?? Infinity, isPublic: false }
}

/** Returns the rights by the public rule of a site; `undefined` without one. A client with a token has none of them. */
export function toPublicBase(
  { tokens, publicAccess }: BaseRules,
  { request, site, scope }: Client,
): Base | undefined {
  const access = scope === 'read' ? publicAccess?.get(site) : undefined
  const hasToken = tokens?.scopes.has(scope) && tokenOf(request) !== undefined
  return access && !hasToken ? { access, expiresAt: Infinity, isPublic: true } : undefined
}

/** Returns whether `authorize` decides about a client: always, except for public figures of a server with tokens. */
export function isAsked(
  { authorize, tokens }: BaseRules,
  scope: Scope,
  { isPublic }: Pick<Base, 'isPublic'>,
): boolean {
  return authorize !== undefined && !(isPublic && tokens?.scopes.has(scope))
}

/** Returns which caches may store an answer. */
export function cachingOf(rules: BaseRules, scope: Scope, base: Base): Caching {
  const requiresToken = rules.tokens?.scopes.has(scope) === true
  const isPrivate = (requiresToken && !base.isPublic) || isAsked(rules, scope, base)
  if (rules.origins || isPrivate) return 'private'
  return requiresToken ? 'public-without-token' : 'public'
}
