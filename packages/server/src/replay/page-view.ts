import { type TrackedEvent, eventNames, limits } from '@tidemark/protocol'
import { splitTarget } from '../access-log/classify.ts'
import type { RequestLine } from '../access-log/entry.ts'

export interface PageViewContext {
  /** Scheme and host that the log's paths belong to: `https://shop.example`. */
  origin: string
  n: number
  timestamp: number
  referrer: string | undefined
}

/** The event that a tracker on the page would have sent. */
export function toPageView(request: RequestLine, context: PageViewContext): TrackedEvent {
  const { origin, n, timestamp, referrer } = context
  const url = toUrl(origin, request.target)
  const known = referrer !== undefined && referrer.length <= limits.maxUrlLength
  return { name: eventNames.pageView, n, timestamp, url, ...(known && { referrer }) }
}

/** A query that would make the address too long is left out: a view without it is better than none. */
function toUrl(origin: string, target: string): string {
  const { path, query } = splitTarget(target)
  const whole = query === '' ? `${origin}${path}` : `${origin}${path}?${query}`
  return whole.length <= limits.maxUrlLength ? whole : `${origin}${path}`
}
