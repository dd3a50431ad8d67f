import { createHmac } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { LogEntry } from '../access-log/entry.ts'
import { replayLimits } from './limits.ts'

/** Who asked: one host with one user agent. */
export interface Visitor {
  /** A keyed hash of host and user agent, from which neither can be told. */
  readonly id: string
  /** This visitor's sender in this run; with `n` it makes a re-sent event count once. */
  readonly client: string
  /** As it goes into a header; `undefined` when the log has none. */
  readonly userAgent: string | undefined
  /** The number of the last event. */
  n: number
}

export interface VisitorIdentitiesOptions {
  /** Names the run. Two runs with the same would count their events once. */
  runId: string
  /** Key of the hash. */
  secret: string
  maxVisitors?: number
}

/** Remembers the visitors of a run, the latest ones up to a bound. */
export function createVisitorIdentities(
  options: VisitorIdentitiesOptions,
): (entry: LogEntry) => Visitor {
  const { runId, secret, maxVisitors = replayLimits.maxVisitors } = options
  const known = new LRUCache<string, Visitor>({ max: maxVisitors })
  let clients = 0

  return ({ host, userAgent }) => {
    // No field of a log line holds a line feed that was not escaped, so the two cannot run together.
    const hash = createHmac('sha256', secret).update(`${host}\n${userAgent ?? ''}`)
    const id = hash.digest('base64url').slice(0, 22)
    const before = known.get(id)
    if (before) return before
    const client = `${runId}-${++clients}`
    const visitor = { id, client, userAgent: toHeader(userAgent), n: 0 }
    known.set(id, visitor)
    return visitor
  }
}

/**
 * A header value of what may be any text: RFC 9110, section 5.5, allows visible characters, spaces and
 * bytes above 0x7f. The copy through a buffer lets go of the whole line, which a slice of it would keep.
 */
function toHeader(text: string | undefined): string | undefined {
  const safe = text
    ?.slice(0, replayLimits.maxUserAgentLength)
    .replace(/[^\x20-\x7e\xa0-\xff]/g, '?')
    .trim()
  return safe ? Buffer.from(safe, 'latin1').toString('latin1') : undefined
}
