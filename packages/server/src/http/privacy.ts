/**
 * Caches that may store an answer about a site: every cache for a second, every cache for requests without a token, or
 * only that of the client.
 */
export type Privacy = 'public' | 'public-without-token' | 'private'

const publicHeaders = {
  // One second at a CDN turns a million viewers into one request; the browser itself always revalidates.
  'Cache-Control': 'public, max-age=0, s-maxage=1, must-revalidate',
}

const withoutTokenHeaders = { ...publicHeaders, Vary: 'Authorization' }

const privateHeaders = {
  'Cache-Control': 'private, no-cache',
  Vary: 'Authorization, Origin',
}

/** Returns the caching headers of an answer. */
export function cachingOf(privacy: Privacy): Readonly<Record<string, string>> {
  if (privacy === 'private') return privateHeaders
  return privacy === 'public' ? publicHeaders : withoutTokenHeaders
}
