import { inspect } from 'node:util'
import type { Clock } from './shared/clock.ts'
import type { Authorize } from './guard/admit.ts'
import type { TokenOptions } from './guard/tokens.ts'
import type { Goal } from './ingest/goals.ts'
import type { ConnectionBounds } from './live/connection.ts'
import type { ConnectionLimits } from './live/connection-limiter.ts'
import type { Durability } from './log/sqlite-database.ts'
import type { RetentionMs } from './rollup/history/retention.ts'

/** Options of `createTidemark`. All of them are optional. */
export interface TidemarkOptions {
  /** Ids of the sites that exist. @default any id; a site is created when it is first named */
  sites?: readonly string[]
  /** Goals of every site. @default none */
  goals?: readonly Goal[]
  /** Where events and history are stored. @default in memory, until the process ends */
  storage?: StorageOptions
  /** How history is grouped and how long it is retained. */
  history?: HistoryOptions
  /** Which requests are allowed. @default all of them */
  access?: AccessOptions
  /** Proxies and CDNs in front of the server. @default none */
  proxy?: ProxyOptions
  /** Path of a file in MaxMind's format that maps addresses to countries. @default none */
  countryFile?: string
  /** Heartbeat, buffers, lifetime and number of the connections to readers. */
  connections?: ConnectionsOptions
  /** Receives internal errors. @default writes them to standard error */
  onError?(error: unknown): void
  /** @default the system clock, made monotonic */
  clock?: Clock
}

/** Where events and history are stored. */
export interface StorageOptions {
  /** Directory of the database, created when it is missing. */
  dataDir: string
  /** What an event survives once it is answered with 202. @default 'process' */
  durability?: Durability
  /**
   * Longest time between a change and its checkpoint, in milliseconds. It bounds the work of a start, not
   * durability. @default 30 seconds
   */
  checkpointMs?: number
}

/** How history is grouped and how long it is retained. */
export interface HistoryOptions {
  /** IANA name of the time zone in which hours and days begin. @default the stored time zone, else 'UTC' */
  timeZone?: string
  /**
   * How long buckets are retained, in milliseconds: minutes (at least 2 hours), hours and days (at least 2 days).
   * `Infinity` retains them forever. @default the stored values, else 48 hours, 90 days and forever
   */
  retentionMs?: Partial<RetentionMs>
  /**
   * Longest gap between two events of one session, in milliseconds, from a minute to a day.
   * @default the stored value, else 30 minutes
   */
  sessionGapMs?: number
}

/** Which requests are allowed. */
export interface AccessOptions {
  /** Decides whether a request may use a site, and until when. @default allows every request */
  authorize?: Authorize
  /** Verifies the tokens that reading requires. @default none are required */
  tokens?: TokenOptions
  /**
   * Origins whose pages may read, exactly as browsers send them, besides the server's own origin.
   * @default any; but with `authorize`, a WebSocket from another origin needs a token
   */
  allowedOrigins?: readonly string[]
}

/** Proxies and CDNs in front of the server. */
export interface ProxyOptions {
  /** Addresses and CIDR blocks of proxies whose `X-Forwarded-For` is trusted. @default none */
  trusted?: readonly string[]
  /**
   * Header in which a CDN sends the visitor's country, such as `CF-IPCountry`. With `trusted`, only requests from
   * these addresses may set it. @default none
   */
  countryHeader?: string
}

/** Heartbeat, buffers, lifetime and number of the connections to readers. */
export type ConnectionsOptions = Partial<ConnectionBounds & ConnectionLimits>

/** The options that hold other options. */
type OptionGroup = 'storage' | 'history' | 'access' | 'proxy' | 'connections'

type FieldNames<Group> = { readonly [Name in keyof Group]-?: true }

type OptionNames = {
  readonly [Name in keyof TidemarkOptions]-?: Name extends OptionGroup
    ? FieldNames<NonNullable<TidemarkOptions[Name]>>
    : true
}

const optionNames: OptionNames = {
  sites: true,
  goals: true,
  storage: { dataDir: true, durability: true, checkpointMs: true },
  history: { timeZone: true, retentionMs: true, sessionGapMs: true },
  access: { authorize: true, tokens: true, allowedOrigins: true },
  proxy: { trusted: true, countryHeader: true },
  countryFile: true,
  connections: {
    heartbeatMs: true,
    firstHeartbeatMs: true,
    softBufferBytes: true,
    maxBufferBytes: true,
    lifetimeMs: true,
    maxMessages: true,
    maxPerSite: true,
    maxPerAddress: true,
  },
  onError: true,
  clock: true,
}

const tokenOptionNames: { readonly [Name in keyof Required<TokenOptions>]: true } = {
  secret: true,
  publicKey: true,
  algorithm: true,
  scopes: true,
}

/**
 * Checks the names of options, as JavaScript callers have no types.
 * @throws {TypeError} for an unknown option, a group that is not an object, storage without a directory, and tokens with
 *   both kinds of key
 */
export function checkOptions(options: TidemarkOptions): void {
  checkNames(options, optionNames)
  for (const [name, fields] of Object.entries(optionNames)) {
    const group: unknown = options[name as keyof TidemarkOptions]
    if (fields !== true && group !== undefined) checkNames(group, fields, name)
  }
  const { storage, access } = options
  if (access?.tokens) checkTokenNames(access.tokens)
  if (storage && (typeof storage.dataDir !== 'string' || storage.dataDir === '')) {
    throw new TypeError(
      `storage.dataDir: ${inspect(storage.dataDir)} is not a directory. Name one, or leave \`storage\` out to store in memory.`,
    )
  }
}

function checkTokenNames(tokens: TokenOptions): void {
  checkNames(tokens, tokenOptionNames, 'access.tokens')
  if (tokens.secret !== undefined && 'publicKey' in tokens && tokens.publicKey !== undefined) {
    throw new TypeError('access.tokens: `secret` and `publicKey` exclude each other. Give one.')
  }
}

function checkNames(value: unknown, known: object, group?: string): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new TypeError(`${group ?? 'options'}: ${inspect(value)} is not an object.`)
  }
  const unknown = Object.keys(value).find(name => !Object.hasOwn(known, name))
  if (unknown === undefined) return
  const path = group === undefined ? unknown : `${group}.${unknown}`
  throw new TypeError(`${path}: unknown option. Known are ${Object.keys(known).join(', ')}.`)
}
