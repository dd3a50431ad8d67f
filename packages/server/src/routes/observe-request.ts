import type { Problem } from '@tidemark/protocol'
import type { Context, MiddlewareHandler } from 'hono'
import { requestIdVariable } from '../http/cors.ts'
import { hasAllHeaders } from '../http/no-sniff.ts'
import { problemOf } from '../http/problem.ts'
import type { Reporter } from '../logging/reporter.ts'
import { createRequestId, requestIdHeader } from '../shared/request-id.ts'
import type { Proxies } from './proxies.ts'

export interface RequestObserverOptions {
  proxies: Pick<Proxies, 'requestIdOf'>
  reporter: Pick<Reporter, 'refused'>
  /** Returns the pattern of a path: one of few. */
  routeOf(path: string): string
}

/** Gives each request an ID, which its answer and lines in the log have, and reports answers with errors. */
export function createRequestObserver(options: RequestObserverOptions): MiddlewareHandler {
  const { proxies, reporter, routeOf } = options
  return async (c, next) => {
    const requestId = proxies.requestIdOf(c) ?? createRequestId()
    c.set(requestIdVariable, requestId)
    await next()
    const { res } = c
    if (res.status >= 400) {
      const problem = problemOf(res)
      if (problem) {
        const { code, status } = problem
        reporter.refused({ code, status, route: routeOf(c.req.path), requestId })
        if (status >= 500) c.res = withRequestId(problem, requestId)
      }
    }
    if (c.get(hasAllHeaders) === undefined) c.res.headers.set(requestIdHeader, requestId)
  }
}

/** Gives an answer outside of the API an ID, and reports it when it has an error. */
export function observeOutside(
  answer: Response,
  reporter: RequestObserverOptions['reporter'],
): Response {
  const requestId = createRequestId()
  const problem = problemOf(answer)
  if (problem) {
    reporter.refused({ code: problem.code, status: problem.status, route: 'other', requestId })
  }
  answer.headers.set(requestIdHeader, requestId)
  return answer
}

/** Returns the ID of a request that passed the observer. */
export function requestIdOf(c: Context): string | undefined {
  const requestId: unknown = c.get(requestIdVariable)
  return typeof requestId === 'string' ? requestId : undefined
}

/** Creates the answer again with the ID in its body. Hono copies the other headers. */
function withRequestId(problem: Problem, requestId: string): Response {
  return new Response(JSON.stringify({ ...problem, requestId }), {
    status: problem.status,
    headers: { 'Content-Type': 'application/problem+json' },
  })
}
