import { type UserAgent, parseUserAgent } from './user-agent.ts'

/** How agents of browsers begin, of those that a program drives too; and what crawlers call themselves. */
const crawler = /^Mozilla\/|bot|crawl|spider/i

/**
 * What a `User-Agent` header says of who sent an event. A program counts as a bot when it looks at pages:
 * a crawler, or a browser without a person. What only speaks HTTP, such as curl, has run no tracker: who
 * sends an event with it means to.
 */
export function parseSenderUserAgent(userAgent: string): UserAgent {
  const agent = parseUserAgent(userAgent)
  return agent.isBot && !crawler.test(userAgent) ? { ...agent, isBot: false } : agent
}
