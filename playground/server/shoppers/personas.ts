/** Weighted lists of the arrivals, countries and browsers that a small shop typically sees. */

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

/** How a visit begins. */
export interface Arrival {
  /** Referrer URL; empty for typed and bookmarked addresses and for apps that send none. */
  readonly referrer: string
  /** Query of the landing page: tags of a campaign. @default none */
  readonly query?: string
}

const google = 'https://www.google.com/'
const instagram = 'https://l.instagram.com/'
const autumn = 'utm_campaign=autumn-tides'

export const arrivals: readonly Weighted<Arrival>[] = [
  { value: { referrer: '' }, weight: 28 },
  { value: { referrer: google }, weight: 22 },
  {
    value: {
      referrer: google,
      query: `?utm_source=google&utm_medium=cpc&${autumn}&utm_term=tide+clock&gclid=demo`,
    },
    weight: 5,
  },
  { value: { referrer: 'https://duckduckgo.com/' }, weight: 7 },
  { value: { referrer: 'https://www.bing.com/' }, weight: 4 },
  { value: { referrer: instagram }, weight: 6 },
  {
    value: {
      referrer: instagram,
      query: `?utm_source=instagram&utm_medium=social&${autumn}&utm_content=story`,
    },
    weight: 3,
  },
  { value: { referrer: 'https://www.pinterest.com/' }, weight: 4 },
  { value: { referrer: 'https://www.reddit.com/r/sailing/' }, weight: 5 },
  { value: { referrer: 'https://news.ycombinator.com/item' }, weight: 3 },
  { value: { referrer: 'https://www.youtube.com/' }, weight: 3 },
  { value: { referrer: 'https://chatgpt.com/' }, weight: 3 },
  // `.example` is reserved for examples (RFC 2606).
  {
    value: {
      referrer: 'https://letter.slackwater.example/november',
      query: '?utm_source=newsletter&utm_medium=email&utm_campaign=november-letter',
    },
    weight: 4,
  },
  { value: { referrer: 'https://smallboats.example/gear' }, weight: 3 },
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

/** Names of programs that crawl the shop, by their `User-Agent` headers. */
export const bots: readonly Weighted<string>[] = [
  { value: `${mozilla} (compatible; Googlebot/2.1; +http://www.google.com/bot.html)`, weight: 9 },
  { value: `${mozilla} (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)`, weight: 4 },
  { value: `${mozilla} (compatible; GPTBot/1.2; +https://openai.com/gptbot)`, weight: 3 },
  { value: `${mozilla} (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)`, weight: 2 },
]

const languages: ReadonlyMap<string, string> = new Map(
  Object.entries({
    ...{ DE: 'de-DE', NL: 'nl-NL', NO: 'nb-NO', DK: 'da-DK', SE: 'sv-SE', FR: 'fr-FR' },
    ...{ PT: 'pt-PT', JP: 'ja-JP' },
  }),
)
const phoneScreens = ['390x844', '393x873', '412x915', '430x932']
const tabletScreens = ['820x1180', '800x1280']
const desktopScreens = ['1366x768', '1440x900', '1536x864', '1920x1080', '2560x1440']

/** Returns the screen and the language that a browser of this kind usually reports. */
export function browserFactsOf(
  { userAgent, country }: { userAgent: string; country: string },
  random: () => number,
): { screen: string; language: string } {
  const isPhone = /iPhone|Mobile/.test(userAgent) && !userAgent.includes('iPad')
  const isTablet = /iPad|Android/.test(userAgent)
  const screens = isPhone ? phoneScreens : isTablet ? tabletScreens : desktopScreens
  const screen = screens[Math.floor(random() * screens.length)] ?? '1440x900'
  return { screen, language: languages.get(country) ?? 'en-GB' }
}
