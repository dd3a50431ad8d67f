import { type UserAgent, type UserAgentFacts, parseUserAgent } from './parse-user-agent.ts'

/**
 * Parses the `User-Agent` header of a request that sends events. The HTTP client of a server with a write key is no
 * bot: it says nothing about the visitors.
 */
export function parseSender(
  userAgent: string,
  isTrusted: boolean,
  facts?: UserAgentFacts,
): UserAgent {
  const agent = parseUserAgent(userAgent, facts)
  if (!agent.isHttpClient || !isTrusted) return agent
  return { ...agent, bot: undefined, isHttpClient: false }
}

/** Parses the user agent that such a server states for a visitor. It counts even if it is that of an HTTP client. */
export function parseStatedUserAgent(userAgent: string, facts?: UserAgentFacts): UserAgent {
  const agent = parseUserAgent(userAgent, facts)
  return agent.isHttpClient ? { ...agent, isHttpClient: false } : agent
}
