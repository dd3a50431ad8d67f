import type { RequestKind } from '../access-log/classify.ts'
import type { LineError } from '../access-log/entry.ts'
import { replayLimits } from './limits.ts'

/** What became of every line and of every page view. */
export interface ReplayCounts {
  lines: number
  blankLines: number
  /** Lines by what the request was; see `classifyRequest`. */
  pageViews: number
  assets: number
  redirects: number
  failedRequests: number
  otherMethods: number
  unparsedLines: number
  /** The first lines that did not parse, and why. */
  firstUnparsed: { line: number; error: LineError }[]
  /** Times of the earliest and of the latest entry, in milliseconds since 1970. */
  earliestAt: number | undefined
  latestAt: number | undefined
  /** Page views that left in at least one request. */
  sent: number
  /** Page views that the server has taken. */
  accepted: number
  /** Page views that the server turned away, by its code. */
  rejected: Record<string, number>
  /** Page views given up, by the last reason. */
  failed: Record<string, number>
  requests: number
  retries: number
}

export interface Tally {
  line(): void
  blank(): void
  unparsed(line: number, error: LineError): void
  entry(kind: RequestKind, at: number): void
  sent(events: number): void
  requested(): void
  retried(): void
  taken(accepted: number, rejected: readonly string[]): void
  failed(events: number, reason: string): void
  counts(): ReplayCounts
}

type Kinds = 'pageViews' | 'assets' | 'redirects' | 'failedRequests' | 'otherMethods'

const countOfKind: Readonly<Record<RequestKind, Kinds>> = {
  page_view: 'pageViews',
  asset: 'assets',
  redirect: 'redirects',
  failed: 'failedRequests',
  other_method: 'otherMethods',
}

export function createTally(): Tally {
  const rejected = new Map<string, number>()
  const failed = new Map<string, number>()
  const counts: Omit<ReplayCounts, 'rejected' | 'failed'> = {
    ...{ lines: 0, blankLines: 0, unparsedLines: 0, firstUnparsed: [] },
    ...{ pageViews: 0, assets: 0, redirects: 0, failedRequests: 0, otherMethods: 0 },
    ...{ earliestAt: undefined, latestAt: undefined },
    ...{ sent: 0, accepted: 0, requests: 0, retries: 0 },
  }
  return {
    line: () => void counts.lines++,
    blank: () => void counts.blankLines++,
    unparsed(line, error) {
      counts.unparsedLines++
      if (counts.firstUnparsed.length < replayLimits.maxShownLines) {
        counts.firstUnparsed.push({ line, error })
      }
    },
    entry(kind, at) {
      counts[countOfKind[kind]]++
      counts.earliestAt = Math.min(at, counts.earliestAt ?? at)
      counts.latestAt = Math.max(at, counts.latestAt ?? at)
    },
    sent: events => void (counts.sent += events),
    requested: () => void counts.requests++,
    retried: () => void counts.retries++,
    taken(accepted, codes) {
      counts.accepted += accepted
      for (const code of codes) add(rejected, code, 1)
    },
    failed: (events, reason) => add(failed, reason, events),
    counts: () => ({
      ...counts,
      firstUnparsed: [...counts.firstUnparsed],
      rejected: Object.fromEntries(rejected),
      failed: Object.fromEntries(failed),
    }),
  }
}

/** Further reasons are counted as one: their texts come from the server and the network. */
function add(counts: Map<string, number>, name: string, count: number): void {
  const known = counts.has(name) || counts.size < replayLimits.maxReasons
  const key = known ? name : 'other'
  counts.set(key, (counts.get(key) ?? 0) + count)
}
