import { type UserAgent, type UserAgentFacts, parseUserAgent } from './parse-user-agent.ts'

/** User agents of `fetch` in JavaScript runtimes. A server or an app that sends events with them is no bot. */
const runtimes = /^(?:node|node\.js\/\d+|undici|deno\/[\d.]+|bun\/[\d.]+)$/i

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
  if (!agent.isHttpClient || !(isTrusted || runtimes.test(userAgent))) return agent
  return { ...agent, bot: undefined, isHttpClient: false }
}

/** Parses the user agent that such a server states for a visitor. It counts even if it is that of an HTTP client. */
export function parseStatedUserAgent(userAgent: string, facts?: UserAgentFacts): UserAgent {
  const agent = parseUserAgent(userAgent, facts)
  return agent.isHttpClient ? { ...agent, isHttpClient: false } : agent
}
