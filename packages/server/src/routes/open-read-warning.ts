import type { MiddlewareHandler } from 'hono'
import { networkOf } from '../shared/network.ts'
import { createWarning } from '../shared/server-warning.ts'
import type { RouteEnv } from './context.ts'
import type { Proxies } from './proxies.ts'

const openReading =
  'A client on another machine reads figures, and no rule limits who may: anyone that reaches the server can read ' +
  'everything. Set `access.tokens` or `access.authorize`, or name the figures of a site that anyone may read: ' +
  "`sites: [{ id: 'my-site', public: { channels: ['currentVisitors'] } }]`."

export interface OpenReadWarningOptions {
  proxies: Pick<Proxies, 'addressOf'>
  /** Returns whether a rule decides who may read. */
  hasRules(): boolean
  /** Receives the `ServerWarning`, once. */
  onError(error: unknown): void
}

/** Creates the middleware that warns once when a reader on another machine meets a server without rules for readers. */
export function createOpenReadWarning({
  proxies,
  hasRules,
  onError,
}: OpenReadWarningOptions): MiddlewareHandler<RouteEnv> {
  const warn = createWarning(onError, openReading)
  return (c, next) => {
    // Loopback and unknown addresses have no network.
    if (!hasRules() && networkOf(proxies.addressOf(c)) !== undefined) warn()
    return next()
  }
}
