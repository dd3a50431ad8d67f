import { limits as protocolLimits } from '@tidemark/protocol'
import type { Clock } from '../shared/clock.ts'
import { type TokenBuckets, createElapsed, createTokenBuckets } from './token-buckets.ts'

/**
 * Highest rates of senders and readers, each above 0; `Infinity` for no limit. An address is an IPv4 address or an IPv6
 * network (/64). Loopback, trusted proxies and unknown addresses have no limit by address. A sender with a write key has
 * limits by site alone.
 */
export interface RateLimits {
  /** Requests with events from one address. @default 200 */
  requestsPerSecondPerAddress: number
  /** Events from one address. @default 1,000 */
  eventsPerSecondPerAddress: number
  /** Events with one `visitorId` of a site. @default 50 */
  eventsPerSecondPerVisitor: number
  /** Requests with events to one site. @default 5,000 */
  requestsPerSecondPerSite: number
  /** Events to one site. @default 20,000 */
  eventsPerSecondPerSite: number
  /** Requests that read, from one address. @default 1,000 */
  readsPerSecondPerAddress: number
  /**
   * How many seconds of a rate may arrive at once, from 1 to 3,600. At least 1,000 events may, so that every batch fits.
   * @default 30
   */
  burstSeconds: number
}

export type RatesOptions = Partial<RateLimits>

export type RateName = Exclude<keyof RateLimits, 'burstSeconds'>

export const defaultRateLimits: RateLimits = {
  requestsPerSecondPerAddress: 200,
  eventsPerSecondPerAddress: 1000,
  eventsPerSecondPerVisitor: 50,
  requestsPerSecondPerSite: 5000,
  eventsPerSecondPerSite: 20_000,
  readsPerSecondPerAddress: 1000,
  burstSeconds: 30,
}

export const rateOptionNames: readonly string[] = Object.keys(defaultRateLimits)

export function isRateOption(name: string): name is keyof RateLimits {
  return Object.hasOwn(defaultRateLimits, name)
}

export const maxBurstSeconds = 3600

/** Buckets of each limit by address and by visitor: 1.3 MB. */
const maxBuckets = 65_536

/** Buckets of each limit by site. A server has at most 1,000 sites. */
const maxSiteBuckets = 8192

/** A request that exceeds a limit. */
export interface RateRefusal {
  readonly name: RateName
  /** The exceeded limit, per second. */
  readonly limit: number
  readonly retryAfterSeconds: number
}

/** Events of one batch by the limits that they count for. */
export interface BatchLoad {
  readonly site: string
  /** `undefined` for an address without a limit. */
  readonly network: string | undefined
  readonly events: number
  /** Events by visitor ID. */
  readonly visitors: ReadonlyMap<string, number>
}

/** The rate limits of a server. Each method counts a request, or returns why it is refused and counts nothing. */
export interface Rates {
  /** Whether batches are limited by visitor. */
  readonly limitsVisitors: boolean
  /** Admits a request that reads. */
  admitRead(network: string): RateRefusal | undefined
  /** Admits a request with events, before its sender and its body are known. */
  admitSender(network: string): RateRefusal | undefined
  /** Admits a request with events to a site, before its body is read. */
  admitToSite(site: string): RateRefusal | undefined
  /** Admits the events of a request. */
  admitBatch(load: BatchLoad): RateRefusal | undefined
}

/** One limit with its buckets. */
interface Limiter {
  readonly name: RateName
  readonly limit: number
  readonly buckets: TokenBuckets
}

/** Tokens of a bucket that a request needs. */
type Demand = readonly [limiter: Limiter, key: string, tokens: number]

export function createRates(options: RatesOptions | undefined, clock: Clock): Rates {
  const limits: RateLimits = { ...defaultRateLimits, ...options }

  function createLimiter(name: RateName, size: number): Limiter {
    const limit = limits[name]
    const smallest = name.startsWith('events') ? protocolLimits.maxBatchEvents : 1
    const maxTokens = Math.max(smallest, limit * limits.burstSeconds)
    const buckets = createTokenBuckets({
      tokensPerSecond: limit,
      maxTokens,
      maxBuckets: size,
    })
    return { name, limit, buckets }
  }

  const readElapsedMs = createElapsed(clock)
  const reads = createLimiter('readsPerSecondPerAddress', maxBuckets)
  const requestsByAddress = createLimiter('requestsPerSecondPerAddress', maxBuckets)
  const eventsByAddress = createLimiter('eventsPerSecondPerAddress', maxBuckets)
  const eventsByVisitor = createLimiter('eventsPerSecondPerVisitor', maxBuckets)
  const requestsBySite = createLimiter('requestsPerSecondPerSite', maxSiteBuckets)
  const eventsBySite = createLimiter('eventsPerSecondPerSite', maxSiteBuckets)

  return {
    limitsVisitors: limits.eventsPerSecondPerVisitor !== Infinity,
    admitRead: network => admit([[reads, network, 1]], readElapsedMs()),
    // A request with more events than remain is refused before its body is parsed, as soon as one was refused after it.
    admitSender(network) {
      const nowMs = readElapsedMs()
      return (
        refusalOf([[eventsByAddress, network, 1]], nowMs) ??
        admit([[requestsByAddress, network, 1]], nowMs)
      )
    },
    admitToSite(site) {
      const nowMs = readElapsedMs()
      return (
        refusalOf([[eventsBySite, site, 1]], nowMs) ?? admit([[requestsBySite, site, 1]], nowMs)
      )
    },
    admitBatch({ site, network, events, visitors }) {
      const nowMs = readElapsedMs()
      const shared: Demand[] = [[eventsBySite, site, events]]
      if (network !== undefined) shared.push([eventsByAddress, network, events])
      const refusal = refusalOf(shared, nowMs)
      if (refusal) {
        for (const [limiter, key, tokens] of shared) limiter.buckets.hold(key, tokens, nowMs)
        return refusal
      }
      const demands = shared
      for (const [visitor, count] of visitors) {
        demands.push([eventsByVisitor, `${site}/${visitor}`, count])
      }
      return admit(demands, nowMs)
    },
  }
}

/** Takes all tokens of a request, or returns why they are refused. */
function admit(demands: readonly Demand[], nowMs: number): RateRefusal | undefined {
  const refusal = refusalOf(demands, nowMs)
  if (refusal) return refusal
  for (const [{ buckets }, key, tokens] of demands) buckets.take(key, tokens, nowMs)
  return undefined
}

function refusalOf(demands: readonly Demand[], nowMs: number): RateRefusal | undefined {
  for (const [{ name, limit, buckets }, key, tokens] of demands) {
    const waitMs = buckets.waitMs(key, tokens, nowMs)
    if (waitMs > 0) return { name, limit, retryAfterSeconds: Math.ceil(waitMs / 1000) }
  }
  return undefined
}
