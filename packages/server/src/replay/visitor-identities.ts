import { createHmac } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { LogEntry } from '../access-log/format/entry.ts'
import { parseUserAgent } from '../user-agent/parse-user-agent.ts'
import { replayLimits } from './limits.ts'

/** One client with one user agent. */
export interface Visitor {
  /** Keyed hash of client and user agent, from which neither can be recovered. */
  readonly id: string
  /** Client ID of this visitor in this run. With `n` it identifies an event, so a retried event counts once. */
  readonly client: string
  /** User-Agent header value; `undefined` when the log has none. */
  readonly userAgent: string | undefined
  /** Whether the user agent is that of a bot or an HTTP client. */
  readonly isBot: boolean
  /** Number of the visitor's last event. */
  n: number
}

export interface VisitorIdentitiesOptions {
  /** Unique ID of the run. The server deduplicates the events of two runs with the same ID. */
  runId: string
  /** Key of the hash. */
  secret: string
  maxVisitors?: number
}

/** Creates a function that returns the visitor of an entry. It retains the most recent visitors, up to a limit. */
export function createVisitorIdentities(
  options: VisitorIdentitiesOptions,
): (entry: LogEntry) => Visitor {
  const { runId, secret, maxVisitors = replayLimits.maxVisitors } = options
  const visitors = new LRUCache<string, Visitor>({ max: maxVisitors })
  let clients = 0

  return ({ client: address = '-', userAgent }) => {
    // A client contains no line feed, so the separator is unambiguous.
    const hash = createHmac('sha256', secret).update(`${address}\n${userAgent ?? ''}`)
    const id = hash.digest('base64url').slice(0, 22)
    const cached = visitors.get(id)
    if (cached) return cached
    const client = `${runId}-${++clients}`
    const isBot = parseUserAgent(userAgent ?? '').bot !== undefined
    const visitor = { id, client, userAgent: toHeader(userAgent), isBot, n: 0 }
    visitors.set(id, visitor)
    return visitor
  }
}

/**
 * Converts text to a header value: RFC 9110, section 5.5, allows visible characters, spaces and bytes above 0x7f. The
 * copy through a buffer releases the log line, which a slice of it retains in memory.
 */
function toHeader(text: string | undefined): string | undefined {
  const safe = text
    ?.slice(0, replayLimits.maxUserAgentLength)
    .replace(/[^\x20-\x7e\xa0-\xff]/g, '?')
    .trim()
  return safe ? Buffer.from(safe, 'latin1').toString('latin1') : undefined
}
