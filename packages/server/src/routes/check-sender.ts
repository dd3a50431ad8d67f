import type { ErrorCode } from '@tidemark/protocol'
import type { MiddlewareHandler } from 'hono'
import { challengeOf } from '../guard/challenge.ts'
import { tokenOf } from '../guard/credentials.ts'
import type { WriteRules } from '../guard/write-rules.ts'
import { problem } from '../http/problem.ts'
import { countRefusal } from '../sites/site.ts'
import type { RouteEnv } from './context.ts'

/** Longest origin in an error, in characters. */
const maxShownLength = 100

/** Creates the middleware that accepts the origins and keys of a site alone. It runs after `forSite`. */
export function createSenderCheck(
  rulesOf: (site: string) => WriteRules,
): MiddlewareHandler<RouteEnv> {
  return async (c, next) => {
    const site = c.get('site')
    const rules = rulesOf(site.id)
    const origin = c.req.header('Origin')
    const bearer = tokenOf(c.req.raw)
    const code = rules.refusalOf({ origin, bearer })
    if (code !== undefined) {
      countRefusal(site, code)
      return problem(code, { ...detailOf(code, origin), headers: challengeOf(code) })
    }
    c.set('hasWriteKey', rules.isKey(bearer))
    return next()
  }
}

function detailOf(code: ErrorCode, origin = ''): { detail?: string } {
  if (code !== 'origin_refused') return {}
  const shown = JSON.stringify(origin.slice(0, maxShownLength))
  return {
    detail: `Pages of ${shown} may not send events to this site. If they should, add the origin to \`writeOrigins\` of the site.`,
  }
}
