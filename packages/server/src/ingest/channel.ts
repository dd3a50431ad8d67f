import type { PlaceChannel } from './places/place.ts'
import { isMailTag } from './source.ts'

/** How visitors came: groups of sources. `Internal` are page views that followed a link of the site itself. */
export type Channel = PlaceChannel | 'Direct' | 'Internal'

/** What decides about the channel of a visit. */
export interface Arrival {
  /** Channel of the source: of a place, of a direct visit, or of the site itself. `undefined` without a referrer. */
  readonly source: Channel | undefined
  /** Whether the source tag is of an ad. @default it is not */
  readonly isAd?: boolean | undefined
  /** Medium tag of the link. */
  readonly medium?: string | undefined
  /** Name of the click identifier in the link. */
  readonly clickId?: string | undefined
}

/**
 * Click identifiers that only ads have. Others are in links of any kind: Facebook adds `fbclid` to all links, and
 * Yandex adds `ysclid` to all results of its search.
 *
 * - Google Ads and Display: https://support.google.com/google-ads/answer/9744275
 * - Microsoft Advertising: https://help.ads.microsoft.com/apex/index/3/en/60000
 * - the others: the documentation of the networks' ads (TikTok, X, LinkedIn, Reddit, Snapchat, Yandex Direct, Quora)
 */
const adClickIds: ReadonlySet<string> = new Set([
  ...['gclid', 'gbraid', 'wbraid', 'dclid', 'gclsrc', 'gad_source', 'msclkid', 'yclid'],
  ...['ttclid', 'twclid', 'li_fat_id', 'rdt_cid', 'sccid', 'qclid'],
])

/**
 * Media by channel, as the default channel groups of Google Analytics define them: see
 * https://support.google.com/analytics/answer/9756891.
 */
const paidMedium = /^(?:.*cp.*|ppc|retargeting|paid.*|display|banner|expandable|interstitial)$/i
const socialMedium = /^(?:social|social-network|social-media|sm|social network|social media)$/i

/**
 * Returns the channel of a visit. A medium tag and an ad decide before the source, so that a paid link on a social
 * network is `Paid`. Returns `undefined` if nothing is known about the origin.
 */
export function toChannel({
  source,
  isAd,
  medium = '',
  clickId = '',
}: Arrival): Channel | undefined {
  if (isAd || adClickIds.has(clickId.toLowerCase()) || paidMedium.test(medium)) return 'Paid'
  if (isMailTag(medium)) return 'Email'
  if (socialMedium.test(medium)) return 'Social'
  const isOpen = source === undefined || source === 'Direct' || source === 'Referral'
  return isOpen && medium.toLowerCase() === 'organic' ? 'Search' : source
}
