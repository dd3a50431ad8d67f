import { type ErrorHandler, Hono, type MiddlewareHandler } from 'hono'
import type { AppOptions, RoutesOptions } from './app-options.ts'
import type { SelectFigures } from './guard/authorization.ts'
import type { WriteRules } from './guard/write-rules.ts'
import { type IsAllowed, createCors } from './http/cors.ts'
import { problem } from './http/problem.ts'
import type { RouteEnv } from './routes/context.ts'
import { createDefaultSite } from './routes/default-site.ts'
import { type FigureKind, type Route, type RouteAccess, createRoutes } from './route-list.ts'
import { createForSite } from './routes/for-site.ts'
import { createSenderCheck } from './routes/check-sender.ts'
import { createHostCheck } from './routes/host-check.ts'
import { createRateLimits } from './routes/limit-rate.ts'
import { createRequestObserver, requestIdOf } from './routes/observe-request.ts'
import { createOpenReadWarning } from './routes/open-read-warning.ts'
import { createScriptRoute, scriptPath } from './routes/script.ts'
import {
  selectActiveUsers,
  selectEventCounts,
  selectHistory,
  selectLater,
  selectLive,
  selectOtherFigures,
  selectUpdates,
} from './routes/select-figures.ts'

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
