/**
 * Returns the address of a page: absolute, without credentials, and with the fragment only if it is part of the page,
 * because some sites keep secrets there (RFC 6749, section 4.2.2). Returns `undefined` if it is not http or https.
 * @param text URL, absolute or relative. By default that of the page
 */
export function toAddress(
  document: Document,
  hasHash: boolean | undefined,
  text?: string,
): string | undefined {
  // `new URL` does not work on pages that have a variable of that name.
  const { protocol, origin, pathname, search, hash } = text
    ? Object.assign(document.createElement('a'), { href: text })
    : document.location
  return /^https?:/.test(protocol) ? origin + pathname + search + (hasHash ? hash : '') : undefined
}

/**
 * Returns the URL of the events endpoint. A relative `baseUrl` with a slash is relative to the page's origin, whatever
 * the page's `<base>` is.
 */
export function toEventsUrl(siteId: string, baseUrl: string, location?: Location): string {
  const url = baseUrl.replace(/^\/(?!\/)/, `${location?.origin}/`).replace(/\/+$/, '')
  return `${url}/sites/${encodeURIComponent(siteId)}/events`
}
