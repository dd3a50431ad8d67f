import type { Selection } from '@tidemark/protocol'
import type { Context } from 'hono'
import type { Authorization } from '../guard/authorization.ts'
import type { Proxies } from './proxies.ts'
import type { ConnectionOwner } from '../live/connection-limiter.ts'
import type { Stream } from '../live/stream.ts'
import type { Site } from '../sites/site.ts'

/** Variables that the middleware of a route sets before its handler runs. */
export interface RouteEnv {
  Variables: {
    /** ID of the site of a route without one in its path. Set by `createDefaultSite`. */
    siteId: string
    /** The requested site. Set by `forSite`. */
    site: Site
    /** The right of the client to use the site. Set by `forSite`. */
    authorization: Authorization
    /** Whether a sender of events has a write key of the site. Set by `createSenderCheck`. */
    hasWriteKey: boolean
    /** The network of a sender, for limits by address; absent where they do not apply. Set by `forSender`. */
    network?: string
    /** Channels, window and pages in the query string. Set by `forSite` for routes that select live channels. */
    selection: Selection
  }
}

export type RouteContext = Context<RouteEnv>

/** Returns the ID of the requested site, unchecked: that of the path, or the default one. */
export function siteIdOf(c: RouteContext): string {
  return c.req.param('site') ?? c.get('siteId') ?? ''
}

/** Returns the stream that the reader of a request may read: small counts may be hidden in it. */
export function streamOf(c: RouteContext): Stream {
  return c.get('site').streams.of(c.get('authorization').access.minCount)
}

export type RouteHandler = (c: RouteContext) => Response | Promise<Response>

/** Returns the owner of the connection that a request opens, for the connection limits. */
export function ownerOf(c: RouteContext, proxies: Pick<Proxies, 'addressOf'>): ConnectionOwner {
  return { site: c.get('site').id, address: proxies.addressOf(c) }
}
