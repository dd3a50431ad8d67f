/** How an answer about a site may be cached: by every cache for a second, or by the client alone. */
export type Privacy = 'public' | 'private'

const publicHeaders = {
  // One second at a CDN turns a million viewers into one request; the browser itself always revalidates.
  'Cache-Control': 'public, max-age=0, s-maxage=1, must-revalidate',
}

const privateHeaders = {
  'Cache-Control': 'private, no-cache',
  Vary: 'Authorization, Origin',
}

/** Returns the caching headers of an answer. */
export function cachingOf(privacy: Privacy): Readonly<Record<string, string>> {
  return privacy === 'public' ? publicHeaders : privateHeaders
}
