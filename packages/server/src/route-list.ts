import type { Handler, MiddlewareHandler } from 'hono'
import type { RoutesOptions } from './app-options.ts'
import { noStoreOnUpgrade } from './http/upgrade.ts'
import type { IsExcluded } from './ingest/exclude-events.ts'
import type { SiteRules } from './ingest/decide.ts'
import type { RouteEnv } from './routes/context.ts'
import { type DefaultSiteOptions, createDefaultSiteHandlers } from './routes/default-site.ts'
import { createEventIntake } from './routes/event-intake.ts'
import { createEventsRoute } from './routes/events.ts'
import { createFramesRoute } from './routes/frames.ts'
import { createHealthRoute } from './routes/health.ts'
import { answerLimits } from './routes/limits.ts'
import { createMetricsAnswerer, createMetricsRoute } from './routes/metrics.ts'
import { createReadyRoute } from './routes/ready.ts'
import { answerRealtime } from './routes/realtime.ts'
import { createEventStreamRoute } from './routes/sse.ts'
import { answerWarnings } from './routes/warnings.ts'
import { createWebSocketRoute } from './routes/websocket.ts'

/**
 * The callers that a route admits: everyone; senders of events of a site; or readers of a site, by the figures that the
 * request reads.
 */
export type RouteAccess = 'open' | 'write' | FigureKind

/**
 * Live channels, history, figures without a channel, figures that a connection selects later, or those of one endpoint
 * of the default site.
 */
export type FigureKind =
  'live' | 'history' | 'other' | 'later' | 'activeUsers' | 'eventCounts' | 'updates'

export interface Route {
  readonly method: 'GET' | 'POST'
  readonly path: string
  /** Required, so that no route is open by accident. `app.access.test.ts` tries wrong callers on each route. */
  readonly access: RouteAccess
  /** Whether the route is of the default site. @default the path has the site */
  readonly isOfDefaultSite?: true
  /** Middleware after the check of access, then the handler. */
  readonly handlers: readonly (Handler<RouteEnv> | MiddlewareHandler<RouteEnv>)[]
}

/** Returns all routes but the files of the tracker, which are open. */
export function createRoutes(options: RoutesOptions): readonly Route[] {
  const { clock, connections, proxies, settings, sites } = options
  const { queries = createMetricsAnswerer(clock) } = options
  const rulesOf = (site: string): SiteRules => settings.current.rulesOf(site)
  const exclusionOf = (site: string): IsExcluded | undefined => settings.current.exclusionOf(site)
  const accept = createEventIntake({ ...options, rulesOf, exclusionOf })
  const health = createHealthRoute(sites, connections.limiter)
  return [
    {
      method: 'POST',
      path: '/sites/:site/events',
      access: 'write',
      handlers: [createEventsRoute(accept)],
    },
    {
      method: 'GET',
      path: '/sites/:site/realtime',
      access: 'live',
      handlers: [noStoreOnUpgrade, answerRealtime],
    },
    {
      method: 'GET',
      path: '/sites/:site/realtime/frames',
      access: 'live',
      handlers: [createFramesRoute(connections, proxies)],
    },
    {
      method: 'GET',
      path: '/sites/:site/realtime/sse',
      access: 'live',
      handlers: [createEventStreamRoute(connections, proxies)],
    },
    {
      method: 'GET',
      path: '/sites/:site/realtime/ws',
      access: 'later',
      handlers: [createWebSocketRoute(options)],
    },
    {
      method: 'GET',
      path: '/sites/:site/metrics',
      access: 'history',
      handlers: [createMetricsRoute(queries, proxies)],
    },
    { method: 'GET', path: '/sites/:site/limits', access: 'other', handlers: [answerLimits] },
    { method: 'GET', path: '/sites/:site/warnings', access: 'other', handlers: [answerWarnings] },
    ...['/health', '/healthz'].map((path): Route => ({
      method: 'GET',
      path,
      access: 'open',
      handlers: [health],
    })),
    {
      method: 'GET',
      path: '/ready',
      access: 'open',
      handlers: [createReadyRoute(options.notReadyReason ?? (() => undefined))],
    },
    // Last, because the end of a path finds the name of its route.
    ...createDefaultSiteRoutes({ clock, connections, proxies, queries, accept }),
  ]
}

/** Returns the routes without a site in their path. */
function createDefaultSiteRoutes(options: DefaultSiteOptions): readonly Route[] {
  const { event, batch, metrics, activeUsers, stream } = createDefaultSiteHandlers(options)
  const routes: readonly Omit<Route, 'isOfDefaultSite'>[] = [
    { method: 'POST', path: '/events', access: 'write', handlers: [event] },
    { method: 'POST', path: '/events/batch', access: 'write', handlers: [batch] },
    { method: 'GET', path: '/metrics', access: 'eventCounts', handlers: [metrics] },
    { method: 'GET', path: '/active-users', access: 'activeUsers', handlers: [activeUsers] },
    { method: 'GET', path: '/dashboard/stream', access: 'updates', handlers: [stream] },
  ]
  return routes.map(route => ({ ...route, isOfDefaultSite: true }))
}
