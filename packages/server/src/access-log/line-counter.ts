import { type RequestKind, classifyRequest } from './classify.ts'
import type { LineError, LogEntry, ParsedLine } from './entry.ts'
import { accessLogLimits } from './limits.ts'
import { parseLogLine } from './parse-line.ts'
import type { Line } from './read-lines.ts'

/** Lines of an access log, by kind. */
export interface LineCounts {
  lines: number
  blankLines: number
  /** Requests by their kind; see `classifyRequest`. */
  pageViews: number
  assets: number
  redirects: number
  failedRequests: number
  otherMethods: number
  unparsedLines: number
  /** The first lines that did not parse, with the reason; at most `accessLogLimits.maxListedErrors`. */
  firstUnparsed: { line: number; error: LineError }[]
  /** Times of the earliest and the latest entry, in milliseconds since 1970. */
  earliestAt: number | undefined
  latestAt: number | undefined
}

export interface ClassifiedEntry {
  entry: LogEntry
  kind: RequestKind
}

/** Parses the lines of an access log and counts them by kind. */
export interface LineCounter {
  /** Returns the entry of a line; `undefined` for a blank line and for a line that does not parse. */
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

export function createLineCounter(): LineCounter {
  const counts: LineCounts = {
    ...{ lines: 0, blankLines: 0, unparsedLines: 0, firstUnparsed: [] },
    ...{ pageViews: 0, assets: 0, redirects: 0, failedRequests: 0, otherMethods: 0 },
    ...{ earliestAt: undefined, latestAt: undefined },
  }

  function countUnparsed(line: number, error: LineError): undefined {
    counts.unparsedLines++
    if (counts.firstUnparsed.length < accessLogLimits.maxListedErrors) {
      counts.firstUnparsed.push({ line, error })
    }
  }

  return {
    read({ number, text }) {
      counts.lines++
      if (text === '') {
        counts.blankLines++
        return undefined
      }
      const parsed = text === undefined ? lineTooLong : parseLogLine(text)
      if (!parsed.ok) return countUnparsed(number, parsed.error)
      const { entry } = parsed
      const kind = classifyRequest(entry)
      counts[countOfKind[kind]]++
      counts.earliestAt = Math.min(entry.at, counts.earliestAt ?? entry.at)
      counts.latestAt = Math.max(entry.at, counts.latestAt ?? entry.at)
      return { entry, kind }
    },
    counts: () => ({ ...counts, firstUnparsed: [...counts.firstUnparsed] }),
  }
}
