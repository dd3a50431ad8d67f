import { isIP } from 'node:net'
import { type EventCode, type VisitorFacts, limits } from '@tidemark/protocol'

/** Names of the facts about a visitor that a sender with a write key may state. */
export const factNames: readonly (keyof VisitorFacts)[] = ['userAgent', 'address', 'country']

/** Returns the code of the first invalid fact of an event or a batch. */
export function findFactProblem({
  userAgent,
  address,
  country,
}: {
  readonly [Name in keyof VisitorFacts]?: unknown
}): EventCode | undefined {
  if (userAgent !== undefined && !isUserAgent(userAgent)) return 'user_agent_invalid'
  if (address !== undefined && !(typeof address === 'string' && isIP(address) !== 0)) {
    return 'address_invalid'
  }
  const isCountry = typeof country === 'string' && /^[A-Za-z]{2}$/.test(country)
  return country === undefined || isCountry ? undefined : 'country_invalid'
}

function isUserAgent(value: unknown): value is string {
  return typeof value === 'string' && value.length <= limits.maxUserAgentLength
}

export function hasFacts(facts: VisitorFacts): boolean {
  return factNames.some(name => facts[name] !== undefined)
}
