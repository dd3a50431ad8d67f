import { isAdClickId } from './click-id.ts'
import type { PlaceChannel } from './places/place.ts'
import { isMailTag } from './source.ts'

/** How visitors came: groups of sources. `Internal` are page views that followed a link of the site itself. */
export type Channel = PlaceChannel | 'Direct' | 'Internal'

/** Facts that determine the channel of a visit. */
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
  if (isAd || isAdClickId(clickId) || paidMedium.test(medium)) return 'Paid'
  if (isMailTag(medium)) return 'Email'
  if (socialMedium.test(medium)) return 'Social'
  const isOpen = source === undefined || source === 'Direct' || source === 'Referral'
  return isOpen && medium.toLowerCase() === 'organic' ? 'Search' : source
}
