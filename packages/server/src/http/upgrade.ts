import type { Context, MiddlewareHandler } from 'hono'

/** Returns whether a request asks for an upgrade to a WebSocket (RFC 6455, section 4.2.1). */
export function isUpgrade({ req }: Context): boolean {
  const tokens = (req.header('Connection') ?? '').toLowerCase().split(/\s*,\s*/)
  return req.header('Upgrade')?.toLowerCase() === 'websocket' && tokens.includes('upgrade')
}

/**
 * Keeps the answer to an upgrade request out of caches: a server around this app may answer every handshake itself,
 * without a body.
 */
export const noStoreOnUpgrade: MiddlewareHandler = async (c, next) => {
  await next()
  if (isUpgrade(c)) c.res.headers.set('Cache-Control', 'no-store')
}
