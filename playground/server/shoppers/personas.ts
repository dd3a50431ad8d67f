/** Weighted lists of the referrers, countries and browsers that a small shop typically sees. */

/** A list entry with its relative frequency. */
export interface Weighted<Value> {
  readonly value: Value
  readonly weight: number
}

/** Picks a random value from a list, in proportion to the weights. @throws {RangeError} for an empty list */
export function pickWeighted<Value>(list: readonly Weighted<Value>[], random: () => number): Value {
  const total = list.reduce((sum, entry) => sum + entry.weight, 0)
  let remaining = random() * total
  for (const { value, weight } of list) {
    remaining -= weight
    if (remaining < 0) return value
  }
  throw new RangeError('pickWeighted() needs a list that is not empty and random numbers below 1.')
}

/** Referrer URLs; empty for typed and bookmarked addresses and for apps that send none. */
export const referrers: readonly Weighted<string>[] = [
  { value: '', weight: 30 },
  { value: 'https://www.google.com/', weight: 26 },
  { value: 'https://duckduckgo.com/', weight: 7 },
  { value: 'https://www.bing.com/', weight: 4 },
  { value: 'https://l.instagram.com/', weight: 9 },
  { value: 'https://www.pinterest.com/', weight: 5 },
  { value: 'https://www.reddit.com/', weight: 5 },
  { value: 'https://news.ycombinator.com/', weight: 4 },
  { value: 'https://www.youtube.com/', weight: 3 },
  // `.example` is reserved for examples (RFC 2606).
  { value: 'https://letter.slackwater.example/', weight: 4 },
  { value: 'https://smallboats.example/', weight: 3 },
]

/** Country codes of ISO 3166-1 (two letters): coastal countries that the shop delivers to. */
export const countries: readonly Weighted<string>[] = [
  { value: 'DE', weight: 18 },
  { value: 'GB', weight: 16 },
  { value: 'NL', weight: 12 },
  { value: 'US', weight: 11 },
  { value: 'NO', weight: 8 },
  { value: 'DK', weight: 7 },
  { value: 'SE', weight: 7 },
  { value: 'FR', weight: 6 },
  { value: 'IE', weight: 4 },
  { value: 'PT', weight: 3 },
  { value: 'CA', weight: 3 },
  { value: 'JP', weight: 3 },
  { value: 'NZ', weight: 2 },
]

const mozilla = 'Mozilla/5.0'
const webkit = 'AppleWebKit/537.36 (KHTML, like Gecko)'
const appleWebkit = 'AppleWebKit/605.1.15 (KHTML, like Gecko)'

/** `User-Agent` headers of recent browsers. */
export const userAgents: readonly Weighted<string>[] = [
  {
    value: `${mozilla} (Windows NT 10.0; Win64; x64) ${webkit} Chrome/138.0.0.0 Safari/537.36`,
    weight: 20,
  },
  {
    value: `${mozilla} (Macintosh; Intel Mac OS X 10_15_7) ${webkit} Chrome/138.0.0.0 Safari/537.36`,
    weight: 9,
  },
  {
    value: `${mozilla} (Macintosh; Intel Mac OS X 10_15_7) ${appleWebkit} Version/18.5 Safari/605.1.15`,
    weight: 8,
  },
  {
    value: `${mozilla} (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0`,
    weight: 6,
  },
  { value: `${mozilla} (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0`, weight: 3 },
  {
    value: `${mozilla} (Windows NT 10.0; Win64; x64) ${webkit} Chrome/138.0.0.0 Safari/537.36 Edg/138.0.0.0`,
    weight: 6,
  },
  {
    value: `${mozilla} (iPhone; CPU iPhone OS 18_5 like Mac OS X) ${appleWebkit} Version/18.5 Mobile/15E148 Safari/604.1`,
    weight: 19,
  },
  {
    value: `${mozilla} (Linux; Android 10; K) ${webkit} Chrome/138.0.0.0 Mobile Safari/537.36`,
    weight: 16,
  },
  {
    value: `${mozilla} (Linux; Android 14; SM-S921B) ${webkit} SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36`,
    weight: 5,
  },
  {
    value: `${mozilla} (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0`,
    weight: 2,
  },
  {
    value: `${mozilla} (iPad; CPU OS 17_7 like Mac OS X) ${appleWebkit} Version/17.7 Mobile/15E148 Safari/604.1`,
    weight: 4,
  },
  {
    value: `${mozilla} (Linux; Android 14; SM-X710) ${webkit} Chrome/138.0.0.0 Safari/537.36`,
    weight: 2,
  },
]
