import type { Context, MiddlewareHandler } from 'hono'

/** Whether pages of an origin may read what is at an address. */
export type MayRead = (origin: string, url: string) => boolean

/**
 * Lets pages read the answers. By default any page may: who may is then a question of sites and tokens, not of origins.
 * Cookies are never let through, as no answer says that it takes them. Hono's own middleware does the same, but sets
 * its headers before there is an answer, and Hono then makes the answer anew; that costs every request as much as all
 * of its own work.
 * @param mayRead which pages may; what is open to all, such as sending events, stays so
 */
export function createCors(mayRead?: MayRead): MiddlewareHandler {
  return mayRead ? forSome(mayRead) : forAll
}

const forAll: MiddlewareHandler = async (c, next) => {
  if (c.req.method === 'OPTIONS') return new Response(null, { status: 204, headers: preflight })
  await next()
  if (c.get(saysItself)) return undefined
  for (const [name, value] of Object.entries(openHeaders)) c.res.headers.set(name, value)
  return undefined
}

const saysItself = 'says-that-all-may-read'

/**
 * Makes an answer that any page may read. To let them when it is there costs a small request some six percent more, as
 * Node's `Headers` are made then and read again.
 */
export function answerToAll(
  c: Context,
  body: string,
  status: number,
  headers: Readonly<Record<string, string>>,
): Response {
  c.set(saysItself, true)
  return new Response(body, { status, headers: { ...openHeaders, ...headers } })
}

function forSome(mayRead: MayRead): MiddlewareHandler {
  return async (c, next) => {
    if (isForAll.test(c.req.path)) return forAll(c, next)
    const origin = c.req.header('Origin')
    const allowed = origin !== undefined && mayRead(origin, c.req.url) ? origin : undefined
    if (c.req.method === 'OPTIONS') {
      const { 'Access-Control-Allow-Origin': _, ...others } = preflight
      const headers = allowed ? { ...others, 'Access-Control-Allow-Origin': allowed } : {}
      return new Response(null, { status: 204, headers: { ...headers, Vary: 'Origin' } })
    }
    await next()
    const { headers } = c.res
    // What is private has said so already.
    if (!headers.get('Vary')?.includes('Origin')) headers.append('Vary', 'Origin')
    if (!allowed) return undefined
    headers.set('Access-Control-Allow-Origin', allowed)
    headers.set('Access-Control-Expose-Headers', exposed)
    return undefined
  }
}

/** What no origin is refused: trackers are on pages everywhere. */
const isForAll = /\/(?:sites\/[^/]+\/events|tidemark\.js|health)$/

const exposed = 'ETag,Retry-After'

/** Of an answer that any page may read. */
const openHeaders = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Expose-Headers': exposed,
}

const preflight = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Allow-Methods': 'GET,POST',
  'Access-Control-Allow-Headers': 'Content-Type,Authorization,If-None-Match,Last-Event-ID',
  // Two hours: as long as Chromium keeps a preflight.
  'Access-Control-Max-Age': '7200',
}
