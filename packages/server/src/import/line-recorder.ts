import type { LineParser, LogEntry, RequestLine } from '../access-log/format/entry.ts'
import { type LineCounts, createLineCounter } from '../access-log/line-counter.ts'
import type { Line } from '../access-log/read-lines.ts'
import type { AddressRules } from '../ingest/address-rules.ts'
import { otherHost } from '../rollup/event.ts'
import type { SiteHistory } from './site-history.ts'
import { toEvent } from './to-event.ts'
import type { VisitorHashes } from './visitor-hashes.ts'

/** Counts the lines of a log, and records their page views in the history of a site. */
export interface LineRecorder {
  record(line: Line): void
  /** Reads a line that an earlier import has counted. It may name the fields of later lines. */
  skip(line: Line): void
  counts(): LineCounts
  /** Page views of bots. */
  readonly botViews: number
  /** Page views of people on hosts that the site does not list. History has them by host alone. */
  readonly unlistedHostViews: number
  /** All recorded page views. */
  readonly recordedViews: number
  /** Time of the last page view, in milliseconds since 1970. */
  readonly logTime: number | undefined
}

export interface LineRecorderOptions {
  parser: LineParser
  /** Hosts of the site; requests to others are skipped. @default all */
  hosts?: ReadonlySet<string> | undefined
  /** Returns whether requests from an address are skipped. @default none are */
  isExcluded?: ((address: string) => boolean) | undefined
  history: SiteHistory
  visitors: VisitorHashes
  /** Returns scheme and host of a path, by the host that the log has for it: `https://shop.example`. */
  originOf: (siteHost: string | undefined) => string
  /** Rules of the site for addresses. */
  addresses: AddressRules
}

export function createLineRecorder(options: LineRecorderOptions): LineRecorder {
  const { parser, hosts, isExcluded, history, visitors, originOf, addresses } = options
  const counter = createLineCounter(parser, hosts, isExcluded)
  let botViews = 0
  let unlistedHostViews = 0
  let recordedViews = 0
  let logTime: number | undefined

  function recordPageView(entry: LogEntry, request: RequestLine): void {
    recordedViews++
    logTime = entry.at
    const visitor = visitors.visitorOf(entry)
    const event = toEvent(entry, request, visitor, originOf(entry.siteHost), addresses)
    if (event.sender.bot !== undefined) botViews++
    else if (event.origin.hostName === otherHost) unlistedHostViews++
    history.addPageView(event, visitor.hash)
  }

  return {
    record(line) {
      const classified = counter.read(line)
      if (classified?.kind !== 'page_view' || !classified.entry.request) return
      recordPageView(classified.entry, classified.entry.request)
    },
    skip({ text }) {
      if (text?.includes('#')) parser.parse(text)
    },
    counts: counter.counts,
    get botViews() {
      return botViews
    },
    get unlistedHostViews() {
      return unlistedHostViews
    },
    get recordedViews() {
      return recordedViews
    },
    get logTime() {
      return logTime
    },
  }
}
