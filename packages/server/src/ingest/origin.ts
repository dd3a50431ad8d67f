import {
  type EventOrigin,
  directSource,
  noReferringPage,
  otherHost,
  pageSeparator,
  unknownSource,
} from '../rollup/event.ts'
import type { AddressRules, PageAddress } from './address-rules.ts'
import type { Campaign } from './campaign.ts'
import { type Channel, toChannel } from './channel.ts'
import { type Referrer, parseReferrer } from './referrer.ts'
import { toTaggedPlace } from './source.ts'

/** Most origins that are remembered. */
const maxOrigins = 10_000
/** Longest referrer that is remembered with its origin, in characters. */
const maxCachedReferrer = 200

/**
 * Returns the origin of a visit. Equal origins are one object, because events are grouped by it: a batch may have many
 * pages, and mostly has one origin.
 * @param page address of the page; `undefined` if it is no web page
 * @param referrer referrer that the sender states; empty for a direct visit
 */
export function toOrigin(
  rules: Pick<AddressRules, 'hosts'>,
  page: PageAddress | undefined,
  referrer: string | undefined,
): EventOrigin {
  const { host, campaign } = page ?? {}
  if (
    last?.rules === rules &&
    last.referrer === referrer &&
    last.host === host &&
    last.campaign === campaign
  ) {
    return last.origin
  }
  const origin = campaign
    ? intern(createOrigin(rules, page, referrer))
    : originWithoutCampaign(rules, page, referrer)
  last = { rules, referrer, host, campaign, origin }
  return origin
}

/** The previous origin and all values that it depends on. */
let last:
  | {
      rules: Pick<AddressRules, 'hosts'>
      referrer: string | undefined
      host: string | undefined
      campaign: Campaign | undefined
      origin: EventOrigin
    }
  | undefined

/** Origins of visits without a campaign, by host and referrer. Most visits have none. */
const plainOrigins = new WeakMap<object, Map<string, EventOrigin>>()

function originWithoutCampaign(
  rules: Pick<AddressRules, 'hosts'>,
  page: PageAddress | undefined,
  referrer: string | undefined,
): EventOrigin {
  // Senders choose long referrers, and the bound of the cache counts entries.
  if (referrer === undefined || referrer.length > maxCachedReferrer) {
    return intern(createOrigin(rules, page, referrer))
  }
  const known = plainOrigins.get(rules) ?? new Map<string, EventOrigin>()
  plainOrigins.set(rules, known)
  const key = `${page?.host ?? ''} ${referrer}`
  const before = known.get(key)
  if (before) return before
  const origin = intern(createOrigin(rules, page, referrer))
  if (known.size >= maxOrigins) known.clear()
  known.set(key, origin)
  return origin
}

const origins = new Map<string, EventOrigin>()

/** Returns the first object with the same fields. */
function intern(origin: EventOrigin): EventOrigin {
  const key = JSON.stringify(origin)
  const known = origins.get(key)
  if (known) return known
  if (origins.size >= maxOrigins) origins.clear()
  origins.set(key, origin)
  return origin
}

/** Where a visit came from, without its campaign. */
interface Departure {
  /** `undefined` if the previous page is on the same site. */
  readonly source: string | undefined
  readonly channel: Channel | undefined
  readonly isAd?: boolean
}

function createOrigin(
  rules: Pick<AddressRules, 'hosts'>,
  page: PageAddress | undefined,
  referrerText: string | undefined,
): EventOrigin {
  const { source: tag, campaign, medium, term, content, clickId } = page?.campaign ?? {}
  const referrer = referrerText === undefined ? undefined : parseReferrer(referrerText)
  const tagged = tag === undefined ? undefined : toTaggedPlace(tag)
  const { source, channel, isAd }: Departure =
    tagged ?? toDeparture(rules, page, referrer, referrerText)
  const referringPage = source === undefined ? undefined : pageOf(rules, page, referrer)
  return {
    source,
    channel: toChannel({ source: channel, isAd, medium, clickId }),
    referringPage: referringPage && `${source}${pageSeparator}${referringPage}`,
    hostName: page && (page.isOfSite ? page.host : otherHost),
    ...{ campaign, medium, term, content, clickId },
  }
}

function toDeparture(
  rules: Pick<AddressRules, 'hosts'>,
  page: PageAddress | undefined,
  referrer: Referrer | undefined,
  text: string | undefined,
): Departure {
  if (text === '') return { source: directSource, channel: 'Direct' }
  if (!referrer) return { source: unknownSource, channel: undefined }
  if (isOfSite(rules, page, referrer)) return { source: undefined, channel: 'Internal' }
  return referrer.place
}

/** Returns the referring page of a visit with a source: of a tagged link on the site itself, there is none. */
function pageOf(
  rules: Pick<AddressRules, 'hosts'>,
  page: PageAddress | undefined,
  referrer: Referrer | undefined,
): string {
  return referrer && !isOfSite(rules, page, referrer) ? referrer.page : noReferringPage
}

function isOfSite(
  { hosts }: Pick<AddressRules, 'hosts'>,
  page: PageAddress | undefined,
  { host }: Referrer,
): boolean {
  if (host === undefined) return false
  return host === page?.host || (hosts?.has(host) ?? false)
}
