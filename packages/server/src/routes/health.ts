import type { ConnectionLimiter } from '../live/connection-limiter.ts'
import type { Sites } from '../sites/sites.ts'
import type { RouteHandler } from './context.ts'

/** Creates `GET /health`: the number of sites, and of open connections by transport. */
export function createHealthRoute(
  sites: Pick<Sites, 'count'>,
  limiter: Pick<ConnectionLimiter, 'count'>,
): RouteHandler {
  return c =>
    c.json({
      status: 'ok',
      sites: sites.count,
      sockets: limiter.count('websocket'),
      streams: limiter.count('sse'),
      longPolls: limiter.count('long-poll'),
    })
}
