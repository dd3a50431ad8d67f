import { maxUrlLength } from './protocol-values.ts'

/** The parts of a URL, as `location` and `<a>` have them. */
type UrlParts = Pick<Location, 'protocol' | 'origin' | 'pathname' | 'search' | 'hash'>

/**
 * Returns the address of a page: absolute, without credentials, and with the fragment only if it is part of the page,
 * because some sites keep secrets there (RFC 6749, section 4.2.2). Returns `undefined` if it is not http or https.
 */
export function toAddress(
  { protocol, origin, pathname, search, hash }: UrlParts,
  hasHash: boolean | undefined,
): string | undefined {
  return /^https?:/.test(protocol)
    ? (origin + pathname + search + (hasHash ? hash : '')).slice(0, maxUrlLength)
    : undefined
}

/** Parses a URL. `new URL` does not work on pages that have a variable of that name. */
export function parseUrl(document: Document, url: string): UrlParts {
  const link = document.createElement('a')
  link.href = url
  return link
}

/**
 * Returns the URL of the events endpoint. A relative `baseUrl` with a slash is relative to the page's origin, whatever
 * the page's `<base>` is.
 */
export function toEventsUrl(siteId: string, baseUrl: string, location?: Location): string {
  const origin = location && /^\/(?!\/)/.test(baseUrl) ? location.origin : ''
  return `${origin + baseUrl.replace(/\/+$/, '')}/sites/${encodeURIComponent(siteId)}/events`
}
