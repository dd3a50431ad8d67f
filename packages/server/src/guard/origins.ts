/** The origins from which pages may read (RFC 6454). */
export interface Origins {
  /** Returns whether pages of an origin may read the answer at a URL of this server. */
  isAllowed(origin: string, url: string): boolean
}

/**
 * @param allowed origins exactly as browsers send them, besides the server's own
 * @throws {TypeError} for a text that is not an origin of http or https
 */
export function createOrigins(allowed: readonly string[]): Origins {
  for (const origin of allowed) {
    if (!isOrigin(origin)) {
      throw new TypeError(
        `access.allowedOrigins: ${JSON.stringify(origin)} is not an origin. Write the scheme and the host in lower ` +
          'case, a port only if it is not the default one, and no path; for example https://dash.example.',
      )
    }
  }
  const list = new Set(allowed)
  return { isAllowed: (origin, url) => list.has(origin) || isSameHost(origin, url) }
}

/**
 * Returns whether an origin is on the host of a URL. Ignores the scheme: a proxy may speak https for a server that
 * speaks http.
 */
export function isSameHost(origin: string, url: string): boolean {
  return URL.canParse(origin) && isOrigin(origin) && new URL(origin).host === new URL(url).host
}

/** Returns whether a text is an origin of http or https, exactly as browsers send it. */
export function isOrigin(text: string): boolean {
  // The URL standard accepts `*` in a host, where its author means a wildcard.
  if (text.includes('*') || !URL.canParse(text)) return false
  const { protocol, origin } = new URL(text)
  return (protocol === 'http:' || protocol === 'https:') && origin === text
}
