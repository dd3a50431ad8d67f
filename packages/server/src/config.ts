import type { Clock } from './shared/clock.ts'
import type { Authorize } from './guard/admit.ts'
import type { TokenOptions } from './guard/tokens.ts'
import type { Goal } from './ingest/goals.ts'
import type { ConnectionBounds } from './live/connection.ts'
import type { ConnectionLimits } from './live/connection-limiter.ts'
import type { Durability } from './log/sqlite-database.ts'
import type { RetentionMs } from './rollup/history/retention.ts'

/** What a server is made of. Everything has a default. */
export interface TidemarkOptions {
  /** Directory of the durable log, made when it is missing. @default none: the log ends with the process */
  dataDir?: string
  /** What a 202 promises. @default 'process' */
  durability?: Durability
  /**
   * Time within which what has become of events is kept, in milliseconds. It bounds what a start has to
   * do again, not what is durable. @default 30 seconds
   */
  checkpointMs?: number
  /** Ids of the sites there are. @default any id; a site is made when it is first named */
  sites?: readonly string[]
  /** Says whether a request may do something with a site, or until when. @default it may */
  authorize?: Authorize
  /** Who signs the tokens that reading takes. @default it takes none */
  tokens?: TokenOptions
  /**
   * Origins, exactly as browsers send them, whose pages may read, besides the server's own. @default any, but by
   * WebSocket where `authorize` may go by cookies
   */
  allowedOrigins?: readonly string[]
  /**
   * Header in which a trusted CDN says the visitor's country, such as `CF-IPCountry`. Where `trustedProxies` says who
   * that is, nobody else is believed. @default none
   */
  countryHeader?: string
  /** Path of a file in MaxMind's format that tells countries by address. @default none */
  countryFile?: string
  /** What a site wants its visitors to do. @default none */
  goals?: readonly Goal[]
  /** IANA name of the time zone in which hours and days begin. @default the one that `dataDir` was last used with, else 'UTC' */
  timeZone?: string
  /**
   * How long history is kept by minutes (2 hours at least), hours and days (2 days at least), in milliseconds; `Infinity` is
   * for ever. @default as `dataDir` was last used with, else 48 hours, 90 days and for ever
   */
  retentionMs?: Partial<RetentionMs>
  /**
   * How long a visitor may be quiet within a session, a minute to a day, in milliseconds.
   * @default as `dataDir` was last used with, else 30 minutes
   */
  sessionGapMs?: number
  /** Addresses and CIDR blocks of proxies whose `X-Forwarded-For` is believed. @default none */
  trustedProxies?: readonly string[]
  /** Rhythm, buffers, lifetime and number of the connections to readers. */
  connection?: Partial<ConnectionBounds & ConnectionLimits>
  /** Told of mistakes of the server's own. @default they are written to standard error */
  onError?(error: unknown): void
  /** @default the machine's clock, made safe against being set */
  clock?: Clock
}
