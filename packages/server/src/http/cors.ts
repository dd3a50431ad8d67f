import type { Handler } from 'hono'

/**
 * Lets any page read the answers: who may is a question of sites and tokens, not of origins. Hono's own
 * middleware does the same, but sets its headers before there is an answer, and Hono then makes the
 * answer anew; that costs every request as much as all of its own work.
 */
export const cors: Handler = async (c, next) => {
  if (c.req.method === 'OPTIONS') return new Response(null, { status: 204, headers: preflight })
  await next()
  c.res.headers.set('Access-Control-Allow-Origin', '*')
  c.res.headers.set('Access-Control-Expose-Headers', 'ETag,Retry-After')
  return undefined
}

const preflight = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Allow-Methods': 'GET,POST',
  'Access-Control-Allow-Headers': 'Content-Type,Authorization,If-None-Match',
  // Two hours: as long as Chromium keeps a preflight.
  'Access-Control-Max-Age': '7200',
}
