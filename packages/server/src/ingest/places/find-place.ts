import { aiPlaces } from './ai.ts'
import { emailPlaces } from './email.ts'
import { otherPlaces } from './other.ts'
import type { Place, PlaceRow, TaggedPlace } from './place.ts'
import { searchPlaces } from './search.ts'
import { socialPlaces } from './social.ts'

/** All known places. */
export const places: readonly PlaceRow[] = [
  ...searchPlaces,
  ...socialPlaces,
  ...aiPlaces,
  ...emailPlaces,
  ...otherPlaces,
]

/** Longest name of a host (RFC 1035, section 2.3.4). Longer ones are no known place. */
const maxHostLength = 253

/** Ends of hosts that `.*` stands for: `.com`, domains of countries, and `.com` or `.co` below those. */
const countryEnd = /\.(?:com?(?:\.[a-z]{2})?|cat|[a-z]{2})$/

/** Names by the form of their pattern. */
const byHost = new Map<string, Place>()
const bySubdomain = new Map<string, Place>()
const byCountryHost = new Map<string, Place>()
const byCountrySubdomain = new Map<string, Place>()
const byApp = new Map<string, Place>()
const byTag = new Map<string, TaggedPlace>()

for (const { source, channel, hosts, apps, tags } of places) {
  const place = { source, channel }
  for (const pattern of hosts) addHost(pattern, place)
  for (const app of apps) byApp.set(app.toLowerCase(), place)
  for (const tag of tags) addTag(tag, place)
}

function addHost(pattern: string, place: Place): void {
  const isSubdomain = pattern.startsWith('*.')
  const isCountry = pattern.endsWith('.*')
  const name = pattern.slice(isSubdomain ? 2 : 0, isCountry ? -2 : undefined)
  if (isCountry) (isSubdomain ? byCountrySubdomain : byCountryHost).set(name, place)
  else (isSubdomain ? bySubdomain : byHost).set(name, place)
}

function addTag(tag: string, place: Place): void {
  const isAd = tag.startsWith('ad:')
  byTag.set(isAd ? tag.slice('ad:'.length) : tag, { ...place, isAd })
}

/**
 * Returns the place of a host. The longest pattern decides, so that `business.facebook.com` is no part of
 * `*.facebook.com`.
 * @param host in lower case, without `www.`
 */
export function findPlaceOfHost(host: string): Place | undefined {
  const exact = byHost.get(host)
  if (exact || host.length > maxHostLength) return exact
  const country = countryEnd.exec(host)
  const base = country ? host.slice(0, country.index) : undefined
  const inCountry = base === undefined ? undefined : byCountryHost.get(base)
  if (inCountry) return inCountry
  for (const parent of parentsOf(host)) {
    const place = bySubdomain.get(parent)
    if (place) return place
  }
  for (const parent of parentsOf(base ?? '')) {
    const place = byCountrySubdomain.get(parent)
    if (place) return place
  }
  return undefined
}

/** Yields the host without its first label, without its first two, and so on. */
function* parentsOf(host: string): Iterable<string> {
  for (let dot = host.indexOf('.'); dot >= 0; dot = host.indexOf('.', dot + 1)) {
    yield host.slice(dot + 1)
  }
}

/**
 * Returns the place of an app by its package name or its number in Apple's store. Letter case has no meaning, because
 * some apps send their name in lower case; some send a host instead, such as `m.facebook.com`.
 */
export function findPlaceOfApp(id: string): Place | undefined {
  const name = id.toLowerCase()
  return byApp.get(name) ?? findPlaceOfHost(name)
}

/** Returns the place of a tag in lower case, without spaces, hyphens and underscores. */
export function findPlaceOfTag(tag: string): TaggedPlace | undefined {
  const known = byTag.get(tag)
  if (known) return known
  const [, name = ''] = /^(.+?)(?:ads?|paid)$/.exec(tag) ?? []
  const advertiser = byTag.get(name)
  return advertiser && { ...advertiser, isAd: true }
}
