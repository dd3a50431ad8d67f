import { type TrackedEvent, eventNames, limits } from '@tidemark/protocol'
import { splitTarget } from '../access-log/classify.ts'
import type { RequestLine } from '../access-log/format/entry.ts'

export interface PageViewContext {
  /** Scheme and host of the log's paths: `https://shop.example`. */
  origin: string
  n: number
  timestamp: number
  referrer: string | undefined
}

/** Converts a request for a page to the event that a tracker on the page sends. */
export function toPageView(request: RequestLine, context: PageViewContext): TrackedEvent {
  const { origin, n, timestamp, referrer } = context
  const url = toUrl(origin, request.target)
  const hasReferrer = referrer !== undefined && referrer.length <= limits.maxUrlLength
  return { name: eventNames.pageView, n, timestamp, url, ...(hasReferrer && { referrer }) }
}

/** Omits a query that makes the URL too long, because the server rejects such a URL. */
function toUrl(origin: string, target: string): string {
  const { path, query } = splitTarget(target)
  const url = query === '' ? `${origin}${path}` : `${origin}${path}?${query}`
  return url.length <= limits.maxUrlLength ? url : `${origin}${path}`
}
