import { eventNames } from '@tidemark/protocol'
import type { LogEntry, RequestLine } from '../access-log/entry.ts'
import { type PageAddress, parsePageAddress, toSource } from '../ingest/page.ts'
import { toPageView } from '../replay/page-view.ts'
import { type SiteEvent, directSource } from '../rollup/event.ts'
import type { Visitor } from './visitor-hashes.ts'

/** The page view that a request was. */
export function toEvent(
  entry: LogEntry,
  request: RequestLine,
  { agent, country }: Visitor,
  origin: string,
): SiteEvent {
  const { at } = entry
  const view = toPageView(request, { origin, n: 0, timestamp: at, referrer: entry.referrer })
  const page = parsePageAddress(view.url ?? '')
  return {
    index: 0,
    sender: {
      // Who it is goes beside it, as a hash.
      visitor: '',
      client: undefined,
      session: undefined,
      country,
      device: agent.device,
      browser: agent.browser,
      os: agent.os,
      isBot: agent.isBot,
    },
    name: eventNames.pageView,
    at,
    n: undefined,
    path: page?.path,
    title: undefined,
    source: page?.campaign?.source ?? sourceOf(entry, view.referrer, page),
    campaign: page?.campaign?.campaign,
    goals: [],
    value: undefined,
  }
}

/** Combined Log Format says that there was no referrer; Common Log Format says nothing. */
function sourceOf(
  { format, referrer }: LogEntry,
  known: string | undefined,
  page: PageAddress | undefined,
): string | undefined {
  if (format === 'combined' && referrer === undefined) return directSource
  return known === undefined ? undefined : toSource(known, page)
}
