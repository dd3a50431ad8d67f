import { join } from 'node:path'
import { inspect } from 'node:util'
import { getConnInfo } from '@hono/node-server/conninfo'
import { channelNames, closeCodes } from '@tidemark/protocol'
import { type Context, Hono } from 'hono'
import { createApp } from './app.ts'
import { createSystemClock } from './shared/clock.ts'
import { type HistoryOptions, type TidemarkOptions, checkOptions } from './config.ts'
import { createProxies } from './guard/address.ts'
import { createAdmit } from './guard/admit.ts'
import { createOrigins } from './guard/origins.ts'
import { createTokens } from './guard/tokens.ts'
import { problem } from './http/problem.ts'
import { createScriptRoute } from './routes/script.ts'
import { createCountryOf } from './ingest/country.ts'
import { createGoals } from './ingest/goals.ts'
import { createIngest } from './routes/events.ts'
import { type HistorySettings, resolveHistorySettings } from './sites/history-settings.ts'
import { resolveTimeZone } from './sites/time-zone-setting.ts'
import { type ListenOptions, type Listening, type RunningServer, listen } from './listen.ts'
import { defaultConnectionBounds } from './live/connection.ts'
import { createConnectionLimiter, defaultConnectionLimits } from './live/connection-limiter.ts'
import { type WebSocketOption, createWebSocketRoute, createWebSockets } from './routes/websocket.ts'
import { type Log, LogUnavailableError } from './log/log.ts'
import { createMemoryLog } from './log/memory.ts'
import { createSqliteLog } from './log/sqlite.ts'
import { type TimeZone, createTimeZone } from './rollup/history/time-zone.ts'
import type { Recovery } from './sites/recovery.ts'
import { createSites } from './sites/sites.ts'

export type { Clock } from './shared/clock.ts'
export type {
  AccessOptions,
  ConnectionsOptions,
  HistoryOptions,
  ProxyOptions,
  StorageOptions,
  TidemarkOptions,
} from './config.ts'
export type { Scope } from './guard/access.ts'
export type { Authorize, Verdict } from './guard/admit.ts'
export type { PublicKeyAlgorithm } from './guard/token-key.ts'
export type { TokenOptions } from './guard/tokens.ts'
export { CountryFileError } from './ingest/country-file.ts'
export type { Goal } from './ingest/goals.ts'
export type { FetchApp, ListenOptions, Listening } from './listen.ts'
export { LogUnavailableError } from './log/log.ts'
export type { Durability } from './log/sqlite-database.ts'
export type { LimitRow, LimitsAnswer } from './routes/limits.ts'
export type { MetricsAnswer, MetricsBucket } from './routes/metrics.ts'
export type { Granularity } from './query/granularity.ts'
export type { BreakdownDimension } from './query/metrics-query.ts'
export type { MetricsRow, MetricsTotals, ValueMetricsRow } from './query/rows.ts'
export type { RetentionMs } from './rollup/history/retention.ts'
export type { Recovery } from './sites/recovery.ts'

export interface Tidemark {
  /** The API, to be mounted in any Hono app: `app.route('/api', tidemark.app)`. */
  readonly app: Hono
  /** What `serve` of `@hono/node-server` needs for the WebSockets of a mounted app. */
  readonly websocket: WebSocketOption
  /** The whole server as a fetch handler: the API at `/api`, the tracker at `/tidemark.js`. */
  readonly fetch: Hono['fetch']
  /** Resolves when the log has been folded, with what was found in it. Requests wait for it by themselves. */
  readonly ready: Promise<Recovery>
  /** Opens a port with the whole server on it. */
  listen(options?: ListenOptions): Promise<Listening>
  /** Sends readers away, closes ports, makes the log safe. */
  close(): Promise<void>
}

/** How long readers spread their return over when a server closes, in milliseconds. */
const drainSpreadMs = 5000

/**
 * A live analytics server.
 * @throws {LogUnavailableError} when the log cannot be opened
 * @throws {CountryFileError} when the country file cannot be used
 * @throws {TypeError} when a trusted proxy is neither an address nor a CIDR block, a goal cannot be, there is no
 *   such time zone, an allowed origin is none, the secret or key of the tokens cannot be, or history cannot be kept so
 */
export function createTidemark(options: TidemarkOptions = {}): Tidemark {
  checkOptions(options)
  const { storage, access = {}, proxy = {}, connections } = options
  const clock = options.clock ?? createSystemClock()
  // What is wrong in the options is thrown before anything is opened.
  const { addressOf, mayTell } = createProxies(proxy.trusted ?? [])
  const goalsOf = createGoals(options.goals ?? [])
  const tokens = access.tokens && createTokens(access.tokens, clock)
  const origins = access.allowedOrigins && createOrigins(access.allowedOrigins)
  createTimeZone(options.history?.timeZone)
  const onError = options.onError ?? writeError
  const countryOf = createCountryOf({
    ...(options.countryFile !== undefined && { file: options.countryFile }),
    onError,
  })
  const log = storage
    ? createSqliteLog({
        path: join(storage.dataDir, 'tidemark.db'),
        now: clock.now(),
        ...(storage.durability && { durability: storage.durability }),
      })
    : createMemoryLog({ now: clock.now() })
  const { zone, history } = resolveSettings(log, options.history ?? {})
  const sites = createSites({
    ...{ log, clock, zone, history, onError },
    checkpointMs: storage?.checkpointMs,
  })
  const ready = sites.recover()
  const websockets = createWebSockets()
  const bounds = { ...defaultConnectionBounds, ...connections }
  const reading = { clock, random: Math.random, bounds }
  const limiter = createConnectionLimiter({ ...defaultConnectionLimits, ...connections })
  const sockets = createWebSocketRoute({
    ...reading,
    channels: channelNames,
    limiter,
    websockets,
    onError,
  })
  const app = createApp({
    script: createScriptRoute(),
    sites,
    clock,
    ready,
    onError,
    websocket: sockets,
    reading,
    limiter,
    addressOf: c => addressOf(socketAddressOf(c), c.req.header('X-Forwarded-For')),
    privacy: access.authorize || tokens || origins ? 'private' : 'public',
    mayRead: origins?.mayRead,
    admit: createAdmit({
      sites: options.sites && new Set(options.sites),
      authorize: access.authorize,
      tokens,
      origins,
      clock,
      onError,
    }),
    ingest: createIngest({
      sites,
      clock,
      settings: log.settings,
      addressOf,
      socketAddressOf,
      countryHeader: proxy.countryHeader,
      mayTell,
      countryOf,
      goalsOf,
    }),
  })
  const whole = new Hono()
  whole.all('/tidemark.js', c => app.fetch(c.req.raw, c.env))
  whole.route('/api', app)
  // Hono asks the outermost app alone; where the API is mounted in another, that is the host's.
  whole.notFound(() => problem('not_found'))

  const servers: RunningServer[] = []
  return {
    app,
    websocket: websockets.option,
    fetch: whole.fetch,
    ready,
    async listen(where) {
      await ready
      const server = await listen(where?.app ?? whole, websockets, where)
      servers.push(server)
      return { port: server.port, url: server.url }
    },
    async close() {
      limiter.disconnectAll(closeCodes.draining, () => Math.floor(Math.random() * drainSpreadMs))
      await Promise.all(servers.map(server => server.close()))
      // The log is not taken away from under its reader; whether that went well is told by `ready`.
      await Promise.allSettled([ready])
      try {
        await sites.close()
      } catch (error) {
        // On a full disk. The log has it all, and the next start folds it again.
        if (!(error instanceof LogUnavailableError)) throw error
      } finally {
        await log.close()
      }
    },
  }
}

/** How the log's history is cut, counted and kept. Where that cannot be, the log is let go. */
function resolveSettings(
  log: Log,
  options: HistoryOptions,
): { zone: TimeZone; history: HistorySettings } {
  try {
    const history = resolveHistorySettings(log.settings, options)
    return { zone: createTimeZone(resolveTimeZone(log.settings, options.timeZone)), history }
  } catch (error) {
    void log.close()
    throw error
  }
}

function writeError(error: unknown): void {
  process.stderr.write(`${inspect(error)}\n`)
}

/** Empty where there is no socket: when the app is called directly, as tests do. */
function socketAddressOf(c: Context): string {
  const hasSocket = typeof c.env === 'object' && c.env !== null && 'incoming' in c.env
  return hasSocket ? (getConnInfo(c).remote.address ?? '') : ''
}
