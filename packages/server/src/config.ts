import type { Clock } from './shared/clock.ts'
import type { AccessOptions } from './guard/access.ts'
import type { PublicRule } from './guard/read-scope.ts'
import type { PrometheusOptions } from './routes/prometheus.ts'
import type { ProxyOptions } from './routes/proxies.ts'
import type { RatesOptions } from './guard/rates.ts'
import type { Goal } from './ingest/goals.ts'
import type { PageOptions } from './ingest/page-rules.ts'
import type { ConnectionsOptions } from './live/connections.ts'
import type { LogOptions } from './logging/logger.ts'
import type { StorageOptions } from './log/storage.ts'
import type { SocketOptions } from './sockets/socket-limits.ts'
import type { ExcludeOptions, SiteOptions } from './site-options.ts'
import type { HistoryOptions } from './sites/open-sites.ts'

/** Options of `createTidemark`. All of them are optional. */
export interface TidemarkOptions {
  /**
   * The sites that exist: an ID, or an ID with options of this site. @default any ID; a site is created when it is
   * first named
   */
  sites?: readonly (string | SiteOptions)[]
  /** Goals of every site without goals of its own. @default none */
  goals?: readonly Goal[]
  /** Which addresses are one page, of every site without rules of its own. @default the defaults of `PageOptions` */
  pages?: PageOptions
  /**
   * Figures that anyone may read without a token, of every site without a rule of its own. Needs `sites`. @default none;
   * but a server without any access rule shows everything
   */
  public?: PublicRule
  /** Events of every site that are accepted and not counted, such as your own visits. @default none */
  exclude?: ExcludeOptions
  /** Storage of events and history. @default in memory, until the process ends */
  storage?: StorageOptions
  /** Time zone, retention and sessions of history. */
  history?: HistoryOptions
  /** Access rules for requests. @default all requests are allowed */
  access?: AccessOptions
  /**
   * Names and IP literals that requests may have in `Host`; other requests get 421, except for `/health` and `/ready`.
   * @default any; but `listen` refuses a foreign name with the port of a loopback connection
   */
  hostNames?: readonly string[]
  /** Proxies and CDNs in front of the server. @default none */
  proxy?: ProxyOptions
  /** Path of a file in MaxMind's format that maps addresses to countries. @default none */
  countryFile?: string
  /** Heartbeat, buffers, lifetime and number of the connections to readers. */
  connections?: ConnectionsOptions
  /** Highest rates of senders and readers, by site, address and visitor. */
  rates?: RatesOptions
  /** Deadlines and limits of the TCP connections of `listen`. */
  sockets?: SocketOptions
  /** Metrics for Prometheus. @default for programs on this machine */
  prometheus?: PrometheusOptions
  /** Lines about the server itself. @default warnings and errors on standard error; none with `onError` */
  log?: LogOptions
  /**
   * Receives internal errors, and a `ServerWarning` for each condition that the operator should know. Frequent warnings
   * of one kind come once per minute. @default none
   */
  onError?(error: unknown): void
  /** @default the system clock, made monotonic */
  clock?: Clock
}
