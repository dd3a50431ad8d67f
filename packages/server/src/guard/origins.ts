/** The pages that may read, by where they come from (RFC 6454). */
export interface Origins {
  /** Whether pages of an origin may read at an address. */
  mayRead(origin: string, url: string): boolean
}

/**
 * @param allowed origins exactly as browsers send them, besides the server's own
 * @throws {TypeError} for what is no origin of http or https
 */
export function createOrigins(allowed: readonly string[]): Origins {
  for (const origin of allowed) {
    if (!isOrigin(origin)) {
      throw new TypeError(
        `Not an origin: ${JSON.stringify(origin)}. It takes a scheme and a host in lower case, a port only where it is not the scheme's own, and no path, such as https://dash.example.`,
      )
    }
  }
  const list = new Set(allowed)
  return { mayRead: (origin, url) => list.has(origin) || isOwn(origin, url) }
}

/**
 * Whether a page comes from where it asks. The scheme is not compared: a proxy in front may speak https for a server
 * that speaks http.
 */
export function isOwn(origin: string, url: string): boolean {
  return URL.canParse(origin) && isOrigin(origin) && new URL(origin).host === new URL(url).host
}

function isOrigin(text: string): boolean {
  // The URL standard takes a `*` for a letter of a host like any other; whoever writes one means more than that.
  if (text.includes('*') || !URL.canParse(text)) return false
  const { protocol, origin } = new URL(text)
  return (protocol === 'http:' || protocol === 'https:') && origin === text
}
