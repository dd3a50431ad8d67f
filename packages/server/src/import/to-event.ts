import { eventNames } from '@tidemark/protocol'
import type { LogEntry, RequestLine } from '../access-log/format/entry.ts'
import type { AddressRules } from '../ingest/address-rules.ts'
import { toOrigin } from '../ingest/origin.ts'
import { toPageView } from '../replay/page-view.ts'
import type { SiteEvent } from '../rollup/event.ts'
import type { HashedVisitor } from './visitor-hashes.ts'

/** Converts a request for a page to a page view. */
export function toEvent(
  entry: LogEntry,
  request: RequestLine,
  { agent, place }: HashedVisitor,
  origin: string,
  rules: AddressRules,
): SiteEvent {
  const { at } = entry
  const view = toPageView(request, { origin, n: 0, timestamp: at, referrer: entry.referrer })
  const page = rules.parse(view.url ?? '')
  return {
    index: 0,
    sender: {
      // The caller passes the visitor separately, as a hash.
      visitor: '',
      client: undefined,
      session: undefined,
      user: undefined,
      firstDay: undefined,
      country: place.country,
      region: place.region,
      city: place.city,
      device: agent.device,
      browser: agent.browser,
      browserVersion: agent.browserVersion,
      os: agent.os,
      osVersion: agent.osVersion,
      screen: undefined,
      language: undefined,
      bot: agent.bot,
    },
    name: eventNames.pageView,
    at,
    n: undefined,
    path: page?.path,
    title: undefined,
    target: undefined,
    detail: undefined,
    properties: undefined,
    origin: toOrigin(rules, page, referrerOf(entry, view.referrer)),
    goals: [],
    value: undefined,
  }
}

/** An absent referrer means a direct visit, if the log has referrers. */
function referrerOf(
  { hasReferrer, referrer }: LogEntry,
  viewReferrer: string | undefined,
): string | undefined {
  return hasReferrer && referrer === undefined ? '' : viewReferrer
}
