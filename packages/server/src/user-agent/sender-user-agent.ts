import { type UserAgent, type UserAgentFacts, parseUserAgent } from './parse-user-agent.ts'

/**
 * Parses the `User-Agent` header of a server that sends events for its visitors with a write key. The HTTP client of
 * the server is no bot: it says nothing about the visitors.
 */
export function parseTrustedSender(userAgent: string, facts?: UserAgentFacts): UserAgent {
  const agent = parseUserAgent(userAgent, facts)
  return agent.isHttpClient ? { ...agent, bot: undefined, isHttpClient: false } : agent
}

/** Parses the user agent that such a server states for a visitor. It counts even if it is that of an HTTP client. */
export function parseStatedUserAgent(userAgent: string, facts?: UserAgentFacts): UserAgent {
  const agent = parseUserAgent(userAgent, facts)
  return agent.isHttpClient ? { ...agent, isHttpClient: false } : agent
}
