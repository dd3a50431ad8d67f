/** How answers about a site may be cached: by everyone for a second, or by the reader alone. */
export type Privacy = 'public' | 'private'

const publicHeaders = {
  // A second at a CDN turns a million viewers into one request; the browser itself always asks again.
  'Cache-Control': 'public, max-age=0, s-maxage=1, must-revalidate',
}

const privateHeaders = {
  'Cache-Control': 'private, no-cache',
  Vary: 'Authorization, Origin',
}

/** The headers that say so. */
export function cachingOf(privacy: Privacy): Readonly<Record<string, string>> {
  return privacy === 'public' ? publicHeaders : privateHeaders
}
