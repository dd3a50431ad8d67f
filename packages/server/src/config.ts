import { inspect } from 'node:util'
import type { Clock } from './shared/clock.ts'
import type { AccessOptions } from './guard/access.ts'
import type { ProxyOptions } from './routes/proxies.ts'
import type { TokenOptions } from './guard/tokens.ts'
import type { Goal } from './ingest/goals.ts'
import type { ConnectionsOptions } from './live/connections.ts'
import type { StorageOptions } from './log/storage.ts'
import type { SocketOptions } from './sockets/socket-limits.ts'
import type { SiteOptions } from './site-options.ts'
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
  /** Deadlines and limits of the TCP connections of `listen`. */
  sockets?: SocketOptions
  /**
   * Receives internal errors, and a `ServerWarning` for each condition that the operator should know. @default writes
   * them to standard error
   */
  onError?(error: unknown): void
  /** @default the system clock, made monotonic */
  clock?: Clock
}

/** The options that hold other options. */
type OptionGroup = 'storage' | 'history' | 'access' | 'proxy' | 'connections' | 'sockets'

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
  access: { authorize: true, authorizeTimeoutMs: true, tokens: true, allowedOrigins: true },
  hostNames: true,
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
  sockets: {
    headersMs: true,
    requestMs: true,
    answerMs: true,
    keepAliveMs: true,
    maxPipelined: true,
    maxUnfinishedBytes: true,
    maxOpen: true,
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
 * @throws {TypeError} for an unknown option, a group that is not an object, storage without a directory, and tokens
 *   with both kinds of key
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
