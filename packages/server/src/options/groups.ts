import { isObject } from '@tidemark/protocol'
import { type TObject, type TSchema, Type } from 'typebox'
import type { AccessOptions } from '../guard/access.ts'
import { isSiteId, siteIdFormat } from '../guard/authorizer.ts'
import { defaultAddressHeader } from '../guard/forwarded.ts'
import { isHostName } from '../guard/host-names.ts'
import { isOrigin } from '../guard/origins.ts'
import {
  type RateLimits,
  type RateName,
  defaultRateLimits,
  maxBurstSeconds,
} from '../guard/rates.ts'
import { findKeyProblem } from '../guard/write-rules.ts'
import { createGoals } from '../ingest/goals.ts'
import { anyQueryRules } from '../ingest/page-rules.ts'
import { type ConnectionBounds, defaultConnectionBounds } from '../live/connection.ts'
import { type ConnectionLimits, defaultConnectionLimits } from '../live/connection-limiter.ts'
import { type LogOptions, findLoggerProblem, logFormats, logLevels } from '../logging/logger.ts'
import type { StorageOptions } from '../log/storage.ts'
import { type PrometheusOptions, metricsReaders } from '../routes/prometheus.ts'
import type { ProxyOptions } from '../routes/proxies.ts'
import { bounceRules } from '../rollup/table/visit.ts'
import type { RetentionMs } from '../rollup/history/retention.ts'
import { createTimeZone } from '../rollup/history/time-zone.ts'
import type { ExcludeOptions, SiteHistoryOptions, SiteOptions } from '../site-options.ts'
import type { HistoryOptions } from '../sites/open-sites.ts'
import { type SocketLimits, defaultSocketLimits } from '../sockets/socket-limits.ts'
import { isAddressBlock } from '../shared/address-list.ts'
import { field } from './field.ts'
import type { Fields } from './fields-of.ts'
import { pages, siteHosts } from './page-fields.ts'
import { publicRule } from './public-rule.ts'
import * as values from './values.ts'

/** Schemas of the groups of options that `createTidemark` and a configuration file share. */

const goal = field(
  Type.Object({
    name: field(Type.String(), { expected: 'a name' }),
    event: values.text('the name of an event'),
    path: values.text("a pattern of paths; for example '/docs/**'"),
  }),
  { expected: 'a goal', problemOf: findGoalProblem },
)

export const goals: TSchema = values.anyListOf(
  goal,
  "a list of goals; for example [{ name: 'Bought', event: 'purchase' }]",
  { problemOf: findGoalsProblem },
)

function findGoalProblem(value: unknown): string | undefined {
  return findProblemOf([value])?.replace('Goal 1 has', 'The goal has')
}

/** Finds a mistake of several goals together, such as two of one name. */
function findGoalsProblem(value: unknown): string | undefined {
  const list: readonly unknown[] = Array.isArray(value) ? value : []
  return findProblemOf(list.filter(each => findGoalProblem(each) === undefined))
}

function findProblemOf(list: unknown): string | undefined {
  return messageOfTypeError(() => createGoals(Array.isArray(list) ? list : [], anyQueryRules))
}

const origin = values.itemLike(
  'an origin. Write the scheme and the host in lower case, a port only if it is not the default one, and no path; ' +
    'for example https://dash.example',
  isOrigin,
)

const listOfOrigins = "a list of origins; for example ['https://dash.example']"

const writeKey = field(Type.String(), {
  expected: 'a key',
  isSecret: true,
  problemOf: value => (typeof value === 'string' ? findKeyProblem(value) : undefined),
})

const siteId = `a site ID. Use ${siteIdFormat}; for example 'my-site'`

const addressBlocks = values.anyListOf(
  values.itemLike('an address or a CIDR block; for example 10.0.0.0/8', isAddressBlock),
  "a list of addresses and CIDR blocks; for example ['10.0.0.0/8']",
)

export const exclude: TObject = Type.Object({
  addresses: addressBlocks,
} satisfies Fields<ExcludeOptions>)

/** Fields of one site. */
export const site: Fields<SiteOptions> = {
  id: values.itemLike(siteId, isSiteId),
  goals,
  writeOrigins: values.anyListOf(origin, listOfOrigins),
  writeKeys: values.anyListOf(writeKey, 'a list of keys', { isSecret: true }),
  pages: Type.Optional(pages),
  hostNames: siteHosts,
  public: publicRule,
  exclude: Type.Optional(exclude),
  history: Type.Optional(
    Type.Object({
      bounce: values.oneOf(bounceRules, { fallback: 'that of the server' }),
    } satisfies Fields<SiteHistoryOptions>),
  ),
}

/** Returns the schema of the list of sites. */
export function sitesOf(fields: Readonly<Record<string, TSchema>>): TSchema {
  const one = Type.Union([values.itemLike(siteId, isSiteId), Type.Object({ ...fields })])
  return values.listOf(
    field(one, { expected: siteId }),
    "a list of site IDs with at least one; for example ['my-site']. Leave `sites` out to accept any",
    { fallback: 'any', problemOf: findRepeatedSite },
  )
}

/** A time that may be `Infinity`, which JSON and the environment write as 'forever'. */
const retention = (fallback: string): ReturnType<typeof values.milliseconds> =>
  values.milliseconds(`stored, else ${fallback}`)

export const history: TObject = Type.Object({
  timeZone: values.textLike("an IANA time zone; for example 'Europe/Berlin'", isTimeZone, {
    fallback: 'stored, else UTC',
  }),
  retentionMs: Type.Optional(
    Type.Object({
      minute: retention('172800000'),
      hour: retention('7776000000'),
      day: retention('forever'),
    } satisfies Fields<RetentionMs>),
  ),
  sessionGapMs: values.milliseconds('stored, else 1800000'),
  bounce: values.oneOf(bounceRules, { fallback: 'stored, else one-event' }),
} satisfies Fields<HistoryOptions>)

export const prometheus: Fields<PrometheusOptions> = {
  openTo: values.oneOf(metricsReaders, { fallback: 'loopback' }),
  tokens: values.anyListOf(writeKey, 'a list of tokens', { isSecret: true }),
  maxSites: values.wholeNumber(0, 1000, { fallback: 20 }),
}

export const log: TSchema = field(
  Type.Object({
    level: values.oneOf(logLevels, { fallback: 'info' }),
    format: values.oneOf(logFormats, { fallback: 'text on a terminal, else json' }),
    logger: field(Type.Optional(Type.Unknown()), {
      expected: 'a logger',
      isFunction: true,
      problemOf: findLoggerProblem,
    }),
  } satisfies Fields<LogOptions>),
  { expected: 'an object', problemOf: findLogConflict },
)

function findLogConflict(value: unknown): string | undefined {
  if (!isObject(value) || value['logger'] === undefined) return undefined
  return value['level'] === undefined && value['format'] === undefined
    ? undefined
    : '`logger` has a level and a format of its own. Leave `level` and `format` out.'
}

export const access: Omit<Fields<AccessOptions>, 'tokens'> = {
  authorize: values.functionField(),
  authorizeTimeoutMs: values.milliseconds(10_000),
  allowedOrigins: values.anyListOf(origin, listOfOrigins, { fallback: 'any' }),
}

export const hostNames: TSchema = values.listOf(
  values.itemLike(
    'a host name. Use a name or an IP address without scheme and port; for example stats.example.com or [::1]',
    isHostName,
  ),
  "a list of host names; for example ['stats.example.com']. Leave `hostNames` out to accept any",
  { fallback: 'any' },
)

export const proxy: TObject = Type.Object({
  trusted: addressBlocks,
  addressHeader: values.textLike('a header name; for example X-Real-IP', isHeaderName, {
    fallback: defaultAddressHeader,
  }),
  countryHeader: values.textLike('a header name; for example CF-IPCountry', isHeaderName),
} satisfies Fields<ProxyOptions>)

export const countryFile: TSchema = values.text('the path of a file', { isPath: true })

const connectionDefaults = { ...defaultConnectionBounds, ...defaultConnectionLimits }

export const connections: TObject = Type.Object({
  heartbeatMs: values.milliseconds(connectionDefaults.heartbeatMs),
  firstHeartbeatMs: values.milliseconds(connectionDefaults.firstHeartbeatMs),
  softBufferBytes: values.count(connectionDefaults.softBufferBytes),
  maxBufferBytes: values.count(connectionDefaults.maxBufferBytes),
  lifetimeMs: values.milliseconds(connectionDefaults.lifetimeMs),
  maxMessages: values.count(connectionDefaults.maxMessages),
  maxPerSite: values.count(connectionDefaults.maxPerSite),
  maxPerAddress: values.count(connectionDefaults.maxPerAddress),
} satisfies Fields<ConnectionBounds & ConnectionLimits>)

const rate = (name: RateName): ReturnType<typeof values.rate> =>
  values.rate(defaultRateLimits[name])

export const rates: TObject = Type.Object({
  requestsPerSecondPerAddress: rate('requestsPerSecondPerAddress'),
  eventsPerSecondPerAddress: rate('eventsPerSecondPerAddress'),
  eventsPerSecondPerVisitor: rate('eventsPerSecondPerVisitor'),
  requestsPerSecondPerSite: rate('requestsPerSecondPerSite'),
  eventsPerSecondPerSite: rate('eventsPerSecondPerSite'),
  readsPerSecondPerAddress: rate('readsPerSecondPerAddress'),
  burstSeconds: values.numberFrom(1, maxBurstSeconds, defaultRateLimits.burstSeconds),
} satisfies Fields<RateLimits>)

/** Node's timers and counters take no more. */
const maxSocketLimit = 2 ** 31 - 1

const socketLimit = (name: keyof SocketLimits): ReturnType<typeof values.wholeNumber> =>
  values.wholeNumber(1, maxSocketLimit, { fallback: defaultSocketLimits[name] })

export const sockets: TObject = Type.Object({
  headersMs: socketLimit('headersMs'),
  requestMs: socketLimit('requestMs'),
  answerMs: socketLimit('answerMs'),
  keepAliveMs: socketLimit('keepAliveMs'),
  maxPipelined: socketLimit('maxPipelined'),
  maxUnfinishedBytes: socketLimit('maxUnfinishedBytes'),
  maxOpen: socketLimit('maxOpen'),
  maxPerAddress: socketLimit('maxPerAddress'),
} satisfies Fields<SocketLimits>)

export const storage: Omit<Fields<StorageOptions>, 'dataDir'> = {
  durability: values.oneOf(['process', 'fsync'], { fallback: 'process' }),
  checkpointMs: values.milliseconds(30_000),
}

function findRepeatedSite(value: unknown): string | undefined {
  if (!Array.isArray(value)) return undefined
  const first = new Map<unknown, unknown>()
  for (const each of value as readonly unknown[]) {
    const id = isObject(each) ? each['id'] : each
    const isSecond = first.has(id) && (isObject(each) || isObject(first.get(id)))
    if (isSecond) return `'${String(id)}' is listed twice. Remove one of the two.`
    first.set(id, each)
  }
  return undefined
}

function isTimeZone(name: string): boolean {
  return messageOfError(() => createTimeZone(name)) === undefined
}

/** RFC 9110, section 5.1. */
function isHeaderName(name: string): boolean {
  return /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name)
}

function messageOfTypeError(run: () => unknown): string | undefined {
  try {
    run()
    return undefined
  } catch (error) {
    if (error instanceof TypeError) return error.message
    throw error
  }
}

function messageOfError(run: () => unknown): string | undefined {
  try {
    run()
    return undefined
  } catch (error) {
    return String(error)
  }
}
