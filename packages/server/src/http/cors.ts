import type { Context, MiddlewareHandler } from 'hono'
import { hasAllHeaders, noSniffHeaders } from './no-sniff.ts'
import { problem } from './problem.ts'

export type IsAllowed = (origin: string, url: string) => boolean

export interface CorsOptions {
  /** Returns the current test of whether pages of an origin may read the answer at a URL; `undefined`: every page. */
  isAllowed: () => IsAllowed | undefined
  /** Returns whether a path is open to every origin, despite `isAllowed`; for example to send events. */
  isOpen: (path: string) => boolean
}

/**
 * Lets pages of other origins read the answers, without cookies: no answer allows credentials. Each answer also gets
 * `noSniffHeaders`. Hono's own CORS
 * middleware sets its headers before the answer exists, and Hono then creates the answer again. For small requests
 * that costs as much as all other work.
 */
export function createCors({ isAllowed, isOpen }: CorsOptions): MiddlewareHandler {
  return (c, next) => {
    const current = isAllowed()
    const isForAll = !current || isOpen(c.req.path)
    return (isForAll ? allowAll : createAllowSome(current))(c, next)
  }
}

const allowAll: MiddlewareHandler = async (c, next) => {
  if (c.req.method === 'OPTIONS') return new Response(null, { status: 204, headers: preflight })
  await next()
  if (c.get(hasAllHeaders)) return undefined
  for (const [name, value] of Object.entries(openHeaders)) c.res.headers.set(name, value)
  return undefined
}

/** Name of the variable with the ID of the request. */
export const requestIdVariable = 'request-id'

/**
 * Creates an answer that pages of every origin may read. Adding the headers afterward costs a small request about
 * 6 % more, as Node's `Headers` are then created and read again.
 */
export function createOpenAnswer(
  c: Context,
  body: string,
  status: number,
  headers: Readonly<Record<string, string>>,
): Response {
  c.set(hasAllHeaders, true)
  const requestId: unknown = c.get(requestIdVariable)
  return new Response(body, {
    status,
    headers: {
      ...openHeaders,
      ...(typeof requestId === 'string' && { 'X-Request-Id': requestId }),
      ...headers,
    },
  })
}

/**
 * Answers a request at an unknown path, for pages of every origin. Without the headers, a page with a wrong address of
 * the server would see a network error instead of `not_found`.
 */
export function answerUnknownPath({ req }: Context): Response {
  return req.method === 'OPTIONS'
    ? new Response(null, { status: 204, headers: preflight })
    : problem('not_found', { headers: openHeaders })
}

function createAllowSome(isAllowed: IsAllowed): MiddlewareHandler {
  return async (c, next) => {
    const origin = c.req.header('Origin')
    const allowed = origin !== undefined && isAllowed(origin, c.req.url) ? origin : undefined
    if (c.req.method === 'OPTIONS') {
      const { 'Access-Control-Allow-Origin': _, ...others } = preflight
      const headers = allowed
        ? { ...others, 'Access-Control-Allow-Origin': allowed }
        : noSniffHeaders
      return new Response(null, { status: 204, headers: { ...headers, Vary: 'Origin' } })
    }
    await next()
    const { headers } = c.res
    for (const [name, value] of Object.entries(noSniffHeaders)) headers.set(name, value)
    // Private answers already vary by origin.
    if (!headers.get('Vary')?.includes('Origin')) headers.append('Vary', 'Origin')
    if (!allowed) {
      // The answer to an unknown path has it.
      headers.delete('Access-Control-Allow-Origin')
      return undefined
    }
    headers.set('Access-Control-Allow-Origin', allowed)
    headers.set('Access-Control-Expose-Headers', exposed)
    return undefined
  }
}

const exposed = 'ETag,Retry-After,X-Request-Id,X-Next-Index'

const openHeaders = {
  ...noSniffHeaders,
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Expose-Headers': exposed,
}

const preflight = {
  ...noSniffHeaders,
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Allow-Methods': 'GET,POST',
  'Access-Control-Allow-Headers': 'Content-Type,Authorization,If-None-Match,Last-Event-ID',
  // Two hours, the longest that Chromium caches a preflight.
  'Access-Control-Max-Age': '7200',
}
