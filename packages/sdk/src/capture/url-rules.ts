import type { Capture } from '../tracker/capture-context.ts'

/** Rules that decide which parts of URLs leave the browser. */
export interface UrlRules {
  /** Names of the query parameters to keep besides `utm_…`. An empty list keeps none. @default all */
  query?: readonly string[] | undefined
  /**
   * Paths with segments to hide. `/users/*` sends `/users/42/orders` with `*` instead of `42`.
   * @default none
   */
  mask?: readonly string[] | undefined
}

/** Changes the `url` of all events, and a `referrer` of the same site. */
export function urlRules(rules: UrlRules): Capture {
  return ({ onEvent }) =>
    onEvent(event => ({
      ...event,
      url: event.url && applyRules(event.url, rules),
      referrer: event.referrer?.startsWith(location.origin)
        ? applyRules(event.referrer, rules)
        : event.referrer,
    }))
}

/** Returns an absolute URL after the rules. */
export function applyRules(url: string, { query, mask = [] }: UrlRules): string {
  const [, origin = '', path = '', search = '', hash = ''] =
    /^(\w+:\/\/[^/?#]*)([^?#]*)(\?[^#]*)?(#.*)?$/.exec(url) ?? []
  return origin + mask.reduce(maskPath, path) + (query ? filterQuery(search, query) : search) + hash
}

/** Hides the segments of a path at which a pattern has a `*`, if the path begins like the pattern. */
function maskPath(path: string, pattern: string): string {
  const segments = path.split('/')
  const wanted = pattern.split('/')
  return wanted.every(
    (text, index) => segments[index] !== undefined && (text === '*' || text === segments[index]),
  )
    ? segments.map((text, index) => (wanted[index] === '*' ? '*' : text)).join('/')
    : path
}

function filterQuery(search: string, names: readonly string[]): string {
  const kept = search
    .slice(1)
    .split('&')
    .filter(
      parameter => parameter.startsWith('utm_') || names.includes(parameter.split('=')[0] ?? ''),
    )
  return kept.length > 0 ? `?${kept.join('&')}` : ''
}
