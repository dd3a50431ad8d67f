import { type UserAgent, parseUserAgent } from './user-agent.ts'

/** Matches browsers, including those that a program controls, and the usual names of crawlers. */
const browserOrCrawler = /^Mozilla\/|bot|crawl|spider/i

/**
 * Parses the `User-Agent` header of a request that sends events. Only programs that view pages count as bots: crawlers
 * and controlled browsers. An HTTP client such as curl does not run the tracker, so its events are sent on purpose.
 */
export function parseSenderUserAgent(userAgent: string): UserAgent {
  const agent = parseUserAgent(userAgent)
  return agent.isBot && !browserOrCrawler.test(userAgent) ? { ...agent, isBot: false } : agent
}
