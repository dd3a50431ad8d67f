import { memoizeTexts } from './memoize-texts.ts'
import { findPlaceOfApp, findPlaceOfHost, findPlaceOfTag } from './places/find-place.ts'
import type { Place, TaggedPlace } from './places/place.ts'

/** Characters of tags in the cache. It is bounded because senders choose the tags. */
const maxCachedCharacters = 500_000

/** Hosts of mail clients that an organization or a provider runs itself. */
const mailHost = /^(?:web)?mail\d?\.[^.]+\.|^webmail[-\d]*\./

/** Returns the source of visits from a host without `www.`: its place, or the host itself. */
export function toHostPlace(host: string): Place {
  return (
    findPlaceOfHost(host) ?? {
      source: host,
      channel: mailHost.test(host) ? 'Email' : 'Referral',
    }
  )
}

/** Returns the source of visits from an app: its place, or the package name or store number itself. */
export function toAppPlace(id: string): Place {
  return findPlaceOfApp(id) ?? { source: id, channel: 'Referral' }
}

/**
 * Returns the source that a `utm_source` means: the place of a known spelling, such as `fb` or `Facebook`, or of a host
 * or a URL, such as `www.facebook.com`. Any other tag is a source of its own, as it is written.
 */
export const toTaggedPlace: (tag: string) => TaggedPlace = memoizeTexts(
  createTaggedPlace,
  maxCachedCharacters,
)

function createTaggedPlace(tag: string): TaggedPlace {
  const text = tag.toLowerCase()
  const known = findPlaceOfTag(text.replaceAll(/[\s_-]/g, ''))
  if (known) return known
  const host = hostIn(text)
  if (host !== undefined) return { ...toHostPlace(host), isAd: false }
  return { source: tag, channel: isMailTag(text) ? 'Email' : 'Referral', isAd: false }
}

/** Returns whether a source or a medium means mails; see https://support.google.com/analytics/answer/9756891. */
export function isMailTag(tag: string): boolean {
  return /\be[-_ ]?mail|newsletter/i.test(tag)
}

/** Returns the host of a host name or a URL without `www.`; `undefined` for any other text. */
function hostIn(text: string): string | undefined {
  const [, host] =
    /^(?:https?:\/\/)?(?:www\.)?((?:[a-z\d_-]+\.)+[a-z]{2,})\.?(?:[/?#].*)?$/.exec(text) ?? []
  return host
}
