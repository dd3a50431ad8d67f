import type { ErrorCode } from '@tidemark/protocol'
import type { MiddlewareHandler } from 'hono'
import type { Scope, SelectFigures } from '../guard/authorization.ts'
import type { Authorizer } from '../guard/authorizer.ts'
import { problem } from '../http/problem.ts'
import { noRoomForProperties } from '../live/selection.ts'
import type { Sites } from '../sites/sites.ts'
import { answerRefusal } from './answer-refusal.ts'
import { type RouteEnv, siteIdOf, streamOf } from './context.ts'

/** Wait of a client when the server has no room for another site or property, in seconds. */
const retryAfterSeconds = 60

export interface ForSiteOptions {
  /** Resolves when the sites are recovered. Requests wait for it. */
  ready: Promise<unknown>
  authorize: Authorizer
  sites: Pick<Sites, 'open' | 'find'>
}

/**
 * Creates the middleware that authorizes a request for its site and opens the site.
 * @param selectOf reads the figures that a URL asks for; absent for requests that send events
 */
export function createForSite({
  ready,
  authorize,
  sites,
}: ForSiteOptions): (
  scope: Scope,
  selectOf?: (url: string) => SelectFigures,
) => MiddlewareHandler<RouteEnv> {
  return (scope, selectOf) => async (c, next) => {
    await ready
    const id = siteIdOf(c)
    const authorization = await authorize(c.req.raw, id, scope, selectOf?.(c.req.url))
    if ('code' in authorization) {
      if (scope === 'write' && isUnauthorized(authorization.code)) {
        sites.find(id)?.warnings.record('sender_unauthorized')
      }
      return answerRefusal(authorization)
    }
    const site = sites.open(id)
    if (!site) {
      return problem('too_busy', {
        detail:
          'This server has no room for another site. Try again after the seconds in Retry-After.',
        headers: { 'Retry-After': String(retryAfterSeconds) },
      })
    }
    c.set('site', site)
    c.set('authorization', authorization)
    const { figures } = authorization
    if (figures?.kind !== 'live') return next()
    c.set('selection', figures)
    if (!(await streamOf(c).prepare(figures))) {
      return problem('too_busy', {
        detail: noRoomForProperties,
        headers: { 'Retry-After': String(retryAfterSeconds) },
      })
    }
    return next()
  }
}

function isUnauthorized(code: ErrorCode): boolean {
  return code.startsWith('token_') || code === 'refused'
}
