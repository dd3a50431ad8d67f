import { type ErrorHandler, type Handler, Hono, type MiddlewareHandler } from 'hono'
import type { SelectFigures } from './guard/authorization.ts'
import type { Authorizer } from './guard/authorizer.ts'
import type { HostNames } from './guard/host-names.ts'
import type { WriteRules } from './guard/write-rules.ts'
import type { Rates } from './guard/rates.ts'
import type { Proxies } from './routes/proxies.ts'
import { type IsAllowed, createCors } from './http/cors.ts'
import { problem } from './http/problem.ts'
import { noStoreOnUpgrade } from './http/upgrade.ts'
import type { IsExcluded } from './ingest/exclude-events.ts'
import type { GoalsOf } from './ingest/goals.ts'
import type { Connections } from './live/connections.ts'
import type { Reporter } from './logging/reporter.ts'
import type { RouteEnv } from './routes/context.ts'
import { type EventIntakeOptions, createEventIntake } from './routes/event-intake.ts'
import { createEventsRoute } from './routes/events.ts'
import {
  type DefaultSiteOptions,
  createDefaultSite,
  createDefaultSiteHandlers,
} from './routes/default-site.ts'
import { createForSite } from './routes/for-site.ts'
import { createFramesRoute } from './routes/frames.ts'
import { createSenderCheck } from './routes/check-sender.ts'
import { createHostCheck } from './routes/host-check.ts'
import { createHealthRoute } from './routes/health.ts'
import { createRateLimits } from './routes/limit-rate.ts'
import { answerLimits } from './routes/limits.ts'
import { createRequestObserver, requestIdOf } from './routes/observe-request.ts'
import {
  type MetricsAnswerer,
  createMetricsAnswerer,
  createMetricsRoute,
} from './routes/metrics.ts'
import { createOpenReadWarning } from './routes/open-read-warning.ts'
import { type NotReadyReason, createReadyRoute } from './routes/ready.ts'
import { answerRealtime } from './routes/realtime.ts'
import { createScriptRoute, scriptPath } from './routes/script.ts'
import { createEventStreamRoute } from './routes/sse.ts'
import type { WebSockets } from './routes/websocket-server.ts'
import { answerWarnings } from './routes/warnings.ts'
import { createWebSocketRoute } from './routes/websocket.ts'
import {
  selectActiveUsers,
  selectEventCounts,
  selectHistory,
  selectLater,
  selectLive,
  selectOtherFigures,
  selectUpdates,
} from './routes/select-figures.ts'
import type { Scripts } from './script/scripts.ts'
import type { Settings } from './settings.ts'
import type { Sites } from './sites/sites.ts'

export interface AppOptions extends Pick<EventIntakeOptions, 'clock' | 'visitorOf' | 'countryOf'> {
  /** The settings that a reload replaces. Read them for each request. */
  settings: { readonly current: Settings }
  authorize: Authorizer
  sites: Sites
  /** Resolves when the sites are recovered. Requests wait for it. */
  ready: Promise<unknown>
  /** @default no rate is limited */
  rates?: Rates
  /** @default every host is accepted */
  hosts?: HostNames
  proxies: Proxies
  connections: Connections
  websockets: Pick<WebSockets, 'messageSocketOf'>
  scripts: Pick<Scripts, 'find'>
  /** Returns why the server is not ready. @default it is */
  notReadyReason?: NotReadyReason
  /** @default new limits of queries */
  queries?: MetricsAnswerer
  /** Receives conditions and refusals, and internal errors, which are answered with `internal`. */
  reporter: Pick<Reporter, 'report' | 'refused'>
}

/**
 * Who may call a route: everyone; senders of events of a site; or readers of a site, by the figures that the request
 * reads.
 */
export type RouteAccess = 'open' | 'write' | FigureKind

/**
 * Live channels, history, figures without a channel, figures that a connection selects later, or those of one endpoint
 * of the default site.
 */
type FigureKind = 'live' | 'history' | 'other' | 'later' | 'activeUsers' | 'eventCounts' | 'updates'

export interface Route {
  readonly method: 'GET' | 'POST'
  readonly path: string
  /** Required, so that no route is open by accident. `access.enumeration.test.ts` tries wrong callers on each route. */
  readonly access: RouteAccess
  /** Whether the route is of the default site. @default the path has the site */
  readonly isOfDefaultSite?: true
  /** Middleware after the check of access, then the handler. */
  readonly handlers: readonly (Handler<RouteEnv> | MiddlewareHandler<RouteEnv>)[]
}

const selectors: { readonly [Kind in FigureKind]: (url: string) => SelectFigures } = {
  live: selectLive,
  history: selectHistory,
  other: () => selectOtherFigures,
  later: () => selectLater,
  activeUsers: () => selectActiveUsers,
  eventCounts: () => selectEventCounts,
  updates: () => selectUpdates,
}

/** The API of a server. */
export interface Api {
  /** The API with paths relative to where it is mounted. */
  readonly app: Hono
  /**
   * Adds the API to an app that checks hosts itself. Hono wraps each handler of a mounted app, which costs a small
   * request a tenth of its time.
   */
  addTo(root: Hono, path: string): void
}

export function createApi(options: AppOptions): Api {
  const { hosts, reporter, settings } = options
  const routesOptions = { ...options, onError: reporter.report }
  const routes = createRoutes(routesOptions)
  const observe = createRequestObserver({ ...options, routeOf: createRouteNames(routes) })
  const isOpen = matcherOf(routes)
  const isAllowed = (): IsAllowed | undefined => settings.current.access.origins?.isAllowed
  const cors = createCors({ isAllowed, isOpen })
  const script = createScriptRoute(options.scripts)
  const guardOf = createGuards(routesOptions)
  const nameDefaultSite = createDefaultSite(() => settings.current.defaultSite)

  function addRoutes(to: Hono<RouteEnv>, hostCheck: readonly MiddlewareHandler[]): void {
    to.use(observe, ...hostCheck, cors, script)
    for (const { method, path, access: rule, isOfDefaultSite, handlers } of routes) {
      const first = isOfDefaultSite ? [nameDefaultSite] : []
      to.on(method, [path], ...first, ...guardOf(rule), ...handlers)
      to.all(path, () => problem('method_not_allowed', { headers: { Allow: method } }))
    }
  }

  const app = new Hono<RouteEnv>()
  addRoutes(app, hosts ? [createHostCheck(hosts)] : [])
  app.notFound(() => problem('not_found'))
  const answerError = createErrorAnswer(reporter)
  app.onError(answerError)
  return {
    // Hono's types offer no conversion to an app without variables. A host never sees those of the routes.
    app: app as unknown as Hono,
    addTo(root, path) {
      root.onError(answerError)
      addRoutes(root.basePath(path) as unknown as Hono<RouteEnv>, [])
    },
  }
}

/** Creates the API of a server, to mount in any Hono app. */
export function createApp(options: AppOptions): Hono {
  return createApi(options).app
}

function createErrorAnswer(reporter: AppOptions['reporter']): ErrorHandler {
  return (error, c) => {
    // A client that disconnects while it sends a body is no internal error, and reads no answer.
    if ('code' in error && error.code === 'ECONNRESET') return problem('body_invalid')
    reporter.report(error, requestIdOf(c))
    return problem('internal')
  }
}

interface RoutesOptions extends AppOptions {
  onError(error: unknown): void
}

/** Creates the middleware that enforces the rates and the access of routes. */
function createGuards(
  options: RoutesOptions,
): (access: RouteAccess) => readonly MiddlewareHandler<RouteEnv>[] {
  const { rates, settings } = options
  const writeRulesOf = (site: string): WriteRules => settings.current.writeRulesOf(site)
  const forSite = createForSite(options)
  const checkSender = createSenderCheck(writeRulesOf)
  const hasRules = (): boolean => settings.current.access.hasReadRules
  const beforeReading = createOpenReadWarning({ ...options, hasRules })
  const limits = rates && createRateLimits({ ...options, rates, writeRulesOf })
  const [limitReader, limitSender] = limits ? [[limits.forReader], [limits.forSender]] : [[], []]
  return access => {
    if (access === 'open') return []
    if (access === 'write') return [...limitSender, forSite('write'), checkSender]
    return [...limitReader, beforeReading, forSite('read', selectors[access])]
  }
}

/** Returns all routes but the files of the tracker, which are open. */
export function createRoutes(options: RoutesOptions): readonly Route[] {
  const { clock, connections, proxies, settings, sites } = options
  const { queries = createMetricsAnswerer(clock) } = options
  const goalsOf = (site: string): GoalsOf => settings.current.goalsOf(site)
  const exclusionOf = (site: string): IsExcluded | undefined => settings.current.exclusionOf(site)
  const accept = createEventIntake({ ...options, goalsOf, exclusionOf })
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

/** Creates the function that returns the pattern of a path, also below the path where the app is mounted. */
function createRouteNames(routes: readonly Route[]): (path: string) => string {
  const patterns = routes.map(({ path }) => [path, new RegExp(`${toPattern(path)}$`)] as const)
  return path => {
    if (scriptPath.test(path)) return '/tidemark.js'
    return patterns.find(([, pattern]) => pattern.test(path))?.[0] ?? 'other'
  }
}

function toPattern(path: string): string {
  return path.replaceAll('.', '\\.').replaceAll(/:\w+/g, '[^/]+')
}

/**
 * Creates the test for paths that pages of every origin may call, despite `allowedOrigins`: open routes, and those that
 * trackers call. Also below the path where the app is mounted.
 */
function matcherOf(routes: readonly Route[]): (path: string) => boolean {
  const open = routes.filter(({ access }) => access === 'open' || access === 'write')
  const patterns = open.map(({ path, isOfDefaultSite }) =>
    // No unknown path below a site ends like an endpoint of the default site.
    isOfDefaultSite ? `^(?!.*/sites/).*${toPattern(path)}` : toPattern(path),
  )
  const pattern = new RegExp(`(?:${patterns.join('|')})$`)
  return path => pattern.test(path) || scriptPath.test(path)
}
