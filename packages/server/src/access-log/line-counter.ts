import { type RequestKind, classifyRequest } from './classify.ts'
import type { LineError, LineParser, LogEntry, ParsedLine } from './format/entry.ts'
import { accessLogLimits } from './limits.ts'
import type { Line } from './read-lines.ts'

/** Lines of an access log, by kind. */
export interface LineCounts {
  lines: number
  blankLines: number
  /** Lines of the format itself, such as `#Fields:` in a W3C log. */
  directiveLines: number
  /** Requests by their kind; see `classifyRequest`. */
  pageViews: number
  assets: number
  redirects: number
  failedRequests: number
  otherMethods: number
  unparsedLines: number
  /** Page views without a client in the log. Views of one user agent on a day count as one visitor. */
  viewsWithoutClient: number
  /** Requests to other hosts than the wanted ones. They are in no other count. */
  otherHostLines: number
  /** Requests from excluded addresses, such as your own visits. They are in no other count. */
  excludedLines: number
  /** Requests by host of the site, the most frequent first; at most `accessLogLimits.maxListedHosts`. */
  hosts: HostCount[]
  /** Wanted hosts without a request. */
  missingHosts: string[]
  /** The first lines that did not parse; at most `accessLogLimits.maxListedErrors`. */
  firstUnparsed: UnparsedLine[]
  /** Times of the earliest and the latest entry, in milliseconds since 1970. */
  earliestAt: number | undefined
  latestAt: number | undefined
}

export interface HostCount {
  /** `-` for requests without a host. */
  host: string
  lines: number
}

export interface UnparsedLine {
  /** Line number, from 1. */
  line: number
  error: LineError
  /** Start of the line, with escaped control characters. */
  text: string
}

export interface ClassifiedEntry {
  entry: LogEntry
  kind: RequestKind
}

/** Parses the lines of an access log and counts them by kind. Lines must be read in order. */
export interface LineCounter {
  /** Returns the entry of a line; `undefined` for a line that does not parse, is of another host, or is excluded. */
  read(line: Line): ClassifiedEntry | undefined
  counts(): LineCounts
}

const countOfKind = {
  page_view: 'pageViews',
  asset: 'assets',
  redirect: 'redirects',
  failed: 'failedRequests',
  other_method: 'otherMethods',
} as const satisfies Readonly<Record<RequestKind, keyof LineCounts>>

const lineTooLong: ParsedLine = { ok: false, error: 'line_too_long' }

/** Counts of a log without lines. */
export function emptyCounts(): LineCounts {
  return {
    ...{ lines: 0, blankLines: 0, directiveLines: 0, unparsedLines: 0, firstUnparsed: [] },
    ...{ pageViews: 0, assets: 0, redirects: 0, failedRequests: 0, otherMethods: 0 },
    ...{ viewsWithoutClient: 0, otherHostLines: 0, excludedLines: 0, hosts: [], missingHosts: [] },
    ...{ earliestAt: undefined, latestAt: undefined },
  }
}

/**
 * @param parser parser of the log's format
 * @param wantedHosts hosts of the site, in lower case; others are skipped. @default all
 * @param isExcluded returns whether requests from an address are skipped. @default none are
 */
export function createLineCounter(
  parser: LineParser,
  wantedHosts?: ReadonlySet<string>,
  isExcluded: (address: string) => boolean = () => false,
): LineCounter {
  const counts = emptyCounts()
  const hosts = createHostCounter()
  const missingHosts = new Set(wantedHosts)

  function countUnparsed(line: number, error: LineError, text = ''): undefined {
    counts.unparsedLines++
    if (counts.firstUnparsed.length < accessLogLimits.maxListedErrors) {
      counts.firstUnparsed.push({ line, error, text: toExcerpt(text) })
    }
  }

  return {
    read({ number, text }) {
      counts.lines++
      if (text === '') {
        counts.blankLines++
        return undefined
      }
      const parsed = text === undefined ? lineTooLong : parser.parse(text)
      if (!parsed.ok) {
        if (parsed.error !== 'directive') return countUnparsed(number, parsed.error, text)
        counts.directiveLines++
        return undefined
      }
      const { entry } = parsed
      hosts.add(entry.siteHost)
      if (entry.siteHost !== undefined) missingHosts.delete(entry.siteHost)
      if (wantedHosts && (entry.siteHost === undefined || !wantedHosts.has(entry.siteHost))) {
        counts.otherHostLines++
        return undefined
      }
      if (entry.client !== undefined && isExcluded(entry.client)) {
        counts.excludedLines++
        return undefined
      }
      const kind = classifyRequest(entry)
      counts[countOfKind[kind]]++
      if (kind === 'page_view' && entry.client === undefined) counts.viewsWithoutClient++
      counts.earliestAt = Math.min(entry.at, counts.earliestAt ?? entry.at)
      counts.latestAt = Math.max(entry.at, counts.latestAt ?? entry.at)
      return { entry, kind }
    },
    counts: () => ({
      ...counts,
      ...{ hosts: hosts.list(), missingHosts: [...missingHosts] },
      firstUnparsed: [...counts.firstUnparsed],
    }),
  }
}

/** Counts requests by host. */
function createHostCounter(): { add(host: string | undefined): void; list(): HostCount[] } {
  const { maxHosts, maxListedHosts } = accessLogLimits
  const counts = new Map<string, number>()
  return {
    add(host = '-') {
      const name = counts.has(host) || counts.size < maxHosts ? host : '(other)'
      counts.set(name, (counts.get(name) ?? 0) + 1)
    },
    list() {
      if (counts.size === 1 && counts.has('-')) return []
      return [...counts]
        .map(([host, lines]) => ({ host, lines }))
        .toSorted((a, b) => b.lines - a.lines)
        .slice(0, maxListedHosts)
    },
  }
}

/** Returns the start of a line, with control characters as `\\xhh`, so that it cannot control the terminal. */
function toExcerpt(text: string): string {
  const { maxExcerptLength } = accessLogLimits
  const start = text.length > maxExcerptLength ? `${text.slice(0, maxExcerptLength)}…` : text
  return start
    .replace(/(.)\1{15,}/gsu, (run, each: string) => `${each.repeat(3)}… (${run.length} times)`)
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, toEscape)
    .toWellFormed()
}

function toEscape(character: string): string {
  const code = character.codePointAt(0) ?? 0
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`
}
