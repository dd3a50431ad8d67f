import type { LineParser } from '../access-log/format/entry.ts'
import { type LineCounts, createLineCounter } from '../access-log/line-counter.ts'
import type { AccessLog } from '../access-log/open-log.ts'
import { type AddressRules, defaultAddressRules } from '../ingest/address-rules.ts'
import type { PlaceOf } from '../ingest/place.ts'
import { type SiteEvent, otherHost } from '../rollup/event.ts'
import type { Hash } from '../rollup/sketch/hash.ts'
import { importLimits } from './limits.ts'
import { toEvent } from './to-event.ts'
import { createVisitorHashes } from './visitor-hashes.ts'

export interface PreviewOptions {
  log: AccessLog
  /** Parser of the log's format. */
  parser: LineParser
  /** Hosts of the site, in lower case; requests to others are skipped. @default all */
  hosts?: ReadonlySet<string> | undefined
  /** Returns whether requests from an address are skipped. @default none are */
  isExcluded?: ((address: string) => boolean) | undefined
  originOf: (siteHost: string | undefined) => string
  /** Returns the start of the day that contains a time. */
  startOfDay: (at: number) => number
  placeOf: PlaceOf
  /** Rules of the site for addresses. @default any host, and pages by their path */
  addresses?: AddressRules
}

/** Page views of one visitor without a gap of 30 minutes. */
export interface PreviewedVisit {
  /** Random name of the visitor in this run. */
  visitor: string
  /** Milliseconds since 1970. */
  at: number
  pages: string[]
  /** More pages than those listed. */
  morePages: number
  source: string | undefined
  device: string
  browser: string
  os: string
  country: string | undefined
}

export interface Preview extends LineCounts {
  botViews: number
  /** Page views of people on hosts that the site does not list. They are neither visits nor visitors. */
  unlistedHostViews: number
  /** Visitors, each once per day; at most `importLimits.maxPreviewedVisitors`. */
  visitors: number
  /** The first visits, in the order of the log. */
  visits: PreviewedVisit[]
}

/**
 * Reads a log as an import does, and stores nothing.
 * @throws the error of the log when it cannot be read further
 */
export async function previewImport(options: PreviewOptions): Promise<Preview> {
  const { log, parser, hosts, originOf, startOfDay, placeOf } = options
  const { addresses = defaultAddressRules } = options
  const counter = createLineCounter(parser, hosts, options.isExcluded)
  const hashes = createVisitorHashes({ startOfDay, placeOf, stored: [] })
  const visitors = new Set<string>()
  const visits = createFirstVisits()
  let botViews = 0
  let unlistedHostViews = 0
  for await (const lines of log.lines) {
    for (const line of lines) {
      const classified = counter.read(line)
      if (classified?.kind !== 'page_view') continue
      const { entry } = classified
      const { request } = entry
      if (!request) continue
      const visitor = hashes.visitorOf(entry)
      const view = toEvent(entry, request, visitor, originOf(entry.siteHost), addresses)
      if (view.sender.bot !== undefined) {
        botViews++
        continue
      }
      if (view.origin.hostName === otherHost) {
        unlistedHostViews++
        continue
      }
      const name = toName(visitor.hash)
      if (visitors.size < importLimits.maxPreviewedVisitors) visitors.add(name)
      visits.add(name, view)
    }
  }
  return {
    ...counter.counts(),
    ...{ botViews, unlistedHostViews, visitors: visitors.size, visits: visits.list() },
  }
}

function toName({ high, low }: Hash): string {
  return `${high.toString(36)}${low.toString(36)}`
}

interface FirstVisits {
  /** Adds a page view, if it belongs to one of the first visits. */
  add(name: string, view: SiteEvent): void
  list(): PreviewedVisit[]
}

function createFirstVisits(): FirstVisits {
  const { maxPreviewedVisits, maxPreviewedPages, previewGapMs } = importLimits
  const visits: PreviewedVisit[] = []
  /** The last of the first visits of each visitor, and the time of its last page view. */
  const lastOf = new Map<string, { visit: PreviewedVisit; at: number }>()

  return {
    add(name, { path = '', at, origin, sender }) {
      const last = lastOf.get(name)
      if (last && Math.abs(at - last.at) <= previewGapMs) {
        last.at = at
        if (last.visit.pages.length === maxPreviewedPages) last.visit.morePages++
        else last.visit.pages.push(path)
        return
      }
      if (visits.length === maxPreviewedVisits) return
      const { device, browser, os, country } = sender
      const visit: PreviewedVisit = {
        ...{ visitor: name.slice(0, 6), at, pages: [path], morePages: 0 },
        ...{ source: origin.source, device, browser, os, country },
      }
      visits.push(visit)
      lastOf.set(name, { visit, at })
    },
    list: () => visits,
  }
}
