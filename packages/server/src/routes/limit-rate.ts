import type { MiddlewareHandler } from 'hono'
import { tokenOf } from '../guard/credentials.ts'
import type { RateName, RateRefusal, Rates } from '../guard/rates.ts'
import type { WriteRules } from '../guard/write-rules.ts'
import { problem } from '../http/problem.ts'
import { networkOf } from '../shared/network.ts'
import type { Site } from '../sites/site.ts'
import type { Sites } from '../sites/sites.ts'
import { type RouteContext, type RouteEnv, siteIdOf } from './context.ts'
import type { Proxies } from './proxies.ts'

export interface RateLimitOptions {
  rates: Rates
  proxies: Pick<Proxies, 'addressOf' | 'isProxy'>
  sites: Pick<Sites, 'find'>
  /** Returns the rules for the senders of events of a site. */
  writeRulesOf(site: string): WriteRules
}

/** Middleware for routes of a site, before the check of access, which costs more. */
export interface RateLimits {
  readonly forReader: MiddlewareHandler<RouteEnv>
  readonly forSender: MiddlewareHandler<RouteEnv>
}

/** Creates the middleware that limits the requests of an address. */
export function createRateLimits(options: RateLimitOptions): RateLimits {
  const { rates, proxies, sites, writeRulesOf } = options

  /** Returns the network of a client; `undefined` for an unknown one, loopback, and a proxy that speaks for itself. */
  function limitedNetworkOf(c: RouteContext): string | undefined {
    const address = proxies.addressOf(c)
    return proxies.isProxy(address) ? undefined : networkOf(address)
  }

  return {
    async forReader(c, next) {
      const network = limitedNetworkOf(c)
      const refusal = network === undefined ? undefined : rates.admitRead(network)
      return refusal ? refuseRate(refusal, sites.find(siteIdOf(c))) : next()
    },
    async forSender(c, next) {
      const site = siteIdOf(c)
      const network = limitedNetworkOf(c)
      if (network === undefined || writeRulesOf(site).isKey(tokenOf(c.req.raw))) return next()
      const refusal = rates.admitSender(network)
      if (refusal) return refuseRate(refusal, sites.find(site))
      c.set('network', network)
      return next()
    },
  }
}

const subjects: Readonly<Record<RateName, string>> = {
  requestsPerSecondPerAddress: 'requests with events from one address',
  eventsPerSecondPerAddress: 'events from one address',
  eventsPerSecondPerVisitor: 'events of one visitor',
  requestsPerSecondPerSite: 'requests with events to this site',
  eventsPerSecondPerSite: 'events to this site',
  readsPerSecondPerAddress: 'requests that read, from one address',
}

/** Refuses a request that exceeds a rate, and counts it for its site. */
export function refuseRate(
  { name, limit, retryAfterSeconds }: RateRefusal,
  site: Pick<Site, 'intake' | 'warnings'> | undefined,
): Response {
  const limited = site?.intake.limited
  limited?.set(name, (limited.get(name) ?? 0) + 1)
  // Readers are no senders.
  if (name !== 'readsPerSecondPerAddress') site?.warnings.record('rate_limited')
  return problem('rate_limited', {
    detail: `The server accepts ${limit} ${subjects[name]} per second (\`rates.${name}\`). Try again after the seconds in Retry-After.`,
    headers: { 'Retry-After': String(retryAfterSeconds) },
  })
}
