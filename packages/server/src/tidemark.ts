import { join } from 'node:path'
import { closeCodes } from '@tidemark/protocol'
import { type Context, Hono } from 'hono'
import { type Api, createApi } from './app.ts'
import { createJumpWarning } from './shared/clock-warnings.ts'
import { createSystemClock } from './shared/clock.ts'
import type { TidemarkOptions } from './config.ts'
import { checkOptions } from './options/check-options.ts'
import { type CloseOptions, drainServers } from './drain.ts'
import { followHosts, followRates } from './follow-settings.ts'
import { createAuthorizer } from './guard/authorizer.ts'
import type { HostNames } from './guard/host-names.ts'
import { type Client, type NodeBindings, createProxies } from './routes/proxies.ts'
import { observeOutside, requestIdOf } from './routes/observe-request.ts'
import { scriptPath } from './routes/script.ts'
import { answerUnknownPath } from './http/cors.ts'
import { refusalOf } from './routes/host-check.ts'
import { createPlaceOf } from './ingest/place.ts'
import { createVisitorIds } from './ingest/visitor.ts'
import { type ListenOptions, type Listening, type RunningServer, listen } from './listen.ts'
import { createConnections } from './live/connections.ts'
import { createLogger } from './logging/logger.ts'
import { noteCourse } from './logging/course.ts'
import { type Reporter, createReporter } from './logging/reporter.ts'
import { watchSlowTurns } from './logging/slow-turns.ts'
import { type WebSocketOption, createWebSockets } from './routes/websocket-server.ts'
import type { ReadBuiltFile } from './script/built-files.ts'
import { createScriptArchive, noArchive } from './script/script-archive.ts'
import { type ScriptTagOptions, formatScriptTag } from './script/script-tag.ts'
import { createScripts } from './script/scripts.ts'
import { type ReloadResult, createReloader } from './reload.ts'
import { resolveSocketLimits } from './sockets/socket-limits.ts'
import { createReadiness } from './readiness.ts'
import { defaultConnectionLimits } from './live/connection-limiter.ts'
import { createExporter } from './prometheus/exporter.ts'
import { toMetricSources } from './prometheus-sources.ts'
import { createMetricsAnswerer } from './routes/metrics.ts'
import { createPrometheusRoute } from './routes/prometheus.ts'
import { readBounceRule } from './sites/bounce-setting.ts'
import { openSites } from './sites/open-sites.ts'
import type { Recovery } from './sites/recovery.ts'
import { storeRules } from './store-rules.ts'

export interface Tidemark {
  /** The API, to mount in any Hono app: `app.route('/api', tidemark.app)`. */
  readonly app: Hono
  /** Option of `serve` in `@hono/node-server` that provides WebSockets to a mounted app. */
  readonly websocket: WebSocketOption
  /**
   * Handler of a Hono route with metrics for Prometheus, for an app around the API:
   * `app.get('/metrics', tidemark.prometheus)`. The server of `listen` and `fetch` has it at `/metrics`.
   */
  readonly prometheus: (c: Context) => Promise<Response>
  /**
   * The whole server as a fetch handler: the API at `/api`, the tracker at `/tidemark.js`.
   * @param client the address of the client, or the bindings of `@hono/node-server`. Visitors without an ID are
   *   distinguished by it.
   */
  readonly fetch: (request: Request, client?: Client | NodeBindings) => Response | Promise<Response>
  /**
   * Returns the script tag of the tracker for a site, with a file name of this version and its integrity. Resolves with
   * `undefined` when the tracker has not been built.
   */
  scriptTag(options: ScriptTagOptions): Promise<string | undefined>
  /** Resolves with the result of the recovery of the log. Requests wait for it. */
  readonly ready: Promise<Recovery>
  /** Opens a port with the whole server, or with an app in which the API is mounted. */
  listen(options?: ListenOptions): Promise<Listening>
  /**
   * Applies new options without a restart: sites, goals, access rules, host names and rates. Then closes the connections
   * of readers that the new rules refuse. An omitted option gets its default; `onError` and `clock` stay.
   * @returns the changed options that need a restart, and therefore stay as they are
   * @throws {TypeError} for invalid options, none of which is applied
   */
  reload(options: TidemarkOptions): Promise<ReloadResult>
  /** Disconnects readers, finishes requests, closes ports, and stores the remaining changes. */
  close(options?: CloseOptions): Promise<void>
}

/** Time over which readers spread their reconnects when a server closes, in milliseconds. */
const drainSpreadMs = 5000

export interface CompositionOptions {
  /**
   * Whether the last server's stored rules of sites stay, and its bounce rules apply: for a command that only reads.
   * @default the rules of the options apply, and are stored
   */
  keepsStoredRules?: boolean
}

/**
 * Composes a server of its parts, one for each group of options.
 * @param readBuilt reads the files of the tracker
 */
export function composeTidemark(
  options: TidemarkOptions,
  readBuilt: ReadBuiltFile,
  { keepsStoredRules = false }: CompositionOptions = {},
): Tidemark {
  checkOptions(options)
  const onJump = (byMs: number): void => reporter.report(createJumpWarning(byMs))
  const { clock = createSystemClock({ onJump }) } = options
  const logger = createLogger(options.log ?? {}, options.onError ? 'silent' : 'warn')
  const reporter = createReporter({ logger, clock, onError: options.onError })
  const onError = reporter.report
  // The log is opened last: an invalid option must not leave it open.
  const proxies = createProxies(options.proxy)
  const { isProxy } = proxies
  const settings = createReloader(options, { clock, onError, isProxy })
  const hosts = followHosts(() => settings.current.hosts)
  const rates = followRates(() => settings.current.rates)
  const placeOf = createPlaceOf({
    ...(options.countryFile !== undefined && { file: options.countryFile }),
    onError,
  })
  const connections = createConnections(options.connections, clock)
  const websockets = createWebSockets()
  const limits = resolveSocketLimits(options.sockets)
  const { storage, history } = options
  const exporter = createExporter(options.prometheus?.maxSites ?? 20)
  const opened = openSites({
    ...{ storage, history, clock, onError, durations: exporter },
    bounceRuleOf: site =>
      keepsStoredRules
        ? readBounceRule(opened.settings, site)
        : settings.current.bounceRuleOf(site),
    countedPathOf: (site, path) => settings.current.rulesOf(site).addresses.pages.toPath(path),
  })
  const { sites, isStorageLost, isStorageFailing } = opened
  const storeNextRules = (next: TidemarkOptions): void => {
    if (keepsStoredRules) return
    try {
      storeRules(opened.settings, next, settings.current)
    } catch (error) {
      // Imports count by the previous options then.
      onError(error)
    }
  }
  storeNextRules(options)
  const ready = sites.recover()
  const slowTurns = watchSlowTurns(clock, reporter.slowTurn)
  const noteStopped = noteCourse(reporter, ready)
  const readiness = createReadiness({ ready, isStorageLost, isStorageFailing })
  const archive = storage
    ? createScriptArchive(join(storage.dataDir, 'tracker'), clock.now)
    : noArchive
  const scripts = createScripts({ readBuilt, archive, onError })
  const queries = createMetricsAnswerer(clock)
  const api = createApi({
    queries,
    ...{ sites, clock, ready, settings, hosts, rates, proxies, connections, websockets, reporter },
    ...{ visitorOf: createVisitorIds(opened.settings), placeOf, scripts },
    authorize: createAuthorizer(() => settings.current.access),
    notReadyReason: readiness.reasonOf,
  })
  const prometheus = createPrometheusRoute({
    ...{ exporter, reporter, options: options.prometheus ?? {} },
  })
  const root = createRoot({ api, hosts, reporter, prometheus })
  const port = { websockets, limits, hosts, isProxy, reporter }
  const servers: RunningServer[] = []
  exporter.addSources(
    toMetricSources({
      ...{ opened, reporter, slowTurns, connections, limits, servers, queries, clock },
      maxReadersPerSite: options.connections?.maxPerSite ?? defaultConnectionLimits.maxPerSite,
      isReady: () => readiness.reasonOf() === undefined,
    }),
  )
  return {
    app: api.app,
    websocket: websockets.option,
    prometheus,
    fetch: (request, client) => root.fetch(request, client),
    ready,
    async scriptTag(tag) {
      const version = await scripts.current()
      return version && formatScriptTag(tag, version)
    },
    async listen(where) {
      await ready
      const server = await listen(where?.app ?? root, port, where)
      servers.push(server)
      reporter.note('listening', { url: server.url }, `Listening on ${server.url}.`)
      return { port: server.port, url: server.url }
    },
    async reload(next) {
      const result = settings.reload(next)
      storeNextRules(next)
      await connections.limiter.recheckAll()
      return result
    },
    async close(times = {}) {
      readiness.close()
      const retryMs = (): number => Math.floor(Math.random() * drainSpreadMs)
      const disconnect = (): void => connections.limiter.disconnectAll(closeCodes.draining, retryMs)
      await drainServers(servers, disconnect, times)
      // The recovery still reads the log. `ready` reports its failure.
      await Promise.allSettled([ready])
      slowTurns.stop()
      await scripts.close()
      await opened.close()
      reporter.close()
      noteStopped()
    },
  }
}

interface RootOptions {
  api: Api
  hosts: HostNames
  reporter: Pick<Reporter, 'refused'>
  prometheus: Tidemark['prometheus']
}

/**
 * Creates the app around the API: the API at `/api`; the tracker, `/health`, `/healthz`, `/ready` and `/metrics` at the
 * root.
 */
function createRoot({ api, hosts, reporter, prometheus }: RootOptions): Hono {
  const root = new Hono()
  root.use((c, next) => {
    const refusal = refusalOf(c, hosts)
    if (refusal) return Promise.resolve(observeOutside(refusal, reporter))
    return isAtRoot(c.req.path) ? Promise.resolve(api.app.fetch(c.req.raw, c.env)) : next()
  })
  root.get('/metrics', prometheus)
  api.addTo(root, '/api')
  // Hono asks only the outermost app. A host that mounts the API answers unknown paths itself.
  root.notFound(c => {
    const answer = answerUnknownPath(c)
    // Paths below /api have passed the observer of the API.
    return requestIdOf(c) === undefined ? observeOutside(answer, reporter) : answer
  })
  return root
}

const rootPaths: ReadonlySet<string> = new Set(['/health', '/healthz', '/ready'])

/** Returns whether a path of the API is also at the root: a file of the tracker, or the state of the process. */
function isAtRoot(path: string): boolean {
  if (rootPaths.has(path)) return true
  return path.startsWith('/tidemark.') && scriptPath.exec(path)?.[0] === path
}
