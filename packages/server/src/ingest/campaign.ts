import { clickIdHint, isAdClickId, isClickId } from './click-id.ts'
import { toCleanText } from './text.ts'

/** The campaign parameters of a link. At least one is present. */
export interface Campaign {
  source?: string
  medium?: string
  campaign?: string
  term?: string
  content?: string
  /** Name of the parameter by which a network recognizes the click, such as `gclid`; that of an ad, if there are several. */
  clickId?: string
}

/** Longest campaign parameter. A longer one is truncated. */
export const maxCampaignTextLength = 200

/** Parameters of a query that are counted. The log keeps them, because a rebuild reads them again. */
const fields: ReadonlyMap<string, Exclude<keyof Campaign, 'clickId'>> = new Map([
  ['utm_source', 'source'],
  ['utm_medium', 'medium'],
  ['utm_campaign', 'campaign'],
  ['utm_term', 'term'],
  ['utm_content', 'content'],
])

/**
 * Parses the `utm_` parameters and click identifiers of a query. The first value of a repeated parameter that is not blank counts. Names and
 * values may be escaped, as in `utm%5Fsource=news`. Values are case-sensitive, as in Google Analytics and Plausible.
 * @param search query as `URL.search` returns it
 */
export function toCampaign(search: string): Campaign | undefined {
  const campaign: Campaign = {}
  let isCampaign = false
  for (const [name, value] of campaignParametersOf(search)) {
    const field = fields.get(name)
    if (field === undefined) {
      campaign.clickId = toClickId(campaign.clickId, name)
      isCampaign = true
      continue
    }
    if (campaign[field] !== undefined) continue
    const text = toCleanText(value.trim().slice(0, maxCampaignTextLength))
    if (text === '') continue
    campaign[field] = text
    isCampaign = true
  }
  return isCampaign ? campaign : undefined
}

/** Returns the parameter that counts of two. The first one counts, but one of an ad before others. */
function toClickId(first: string | undefined, next: string): string {
  return first === undefined || (isAdClickId(next) && !isAdClickId(first)) ? next : first
}

/** Stands for the value of a click identifier, which would identify a person. */
const hiddenValue = '1'

/** Returns the campaign parameters of a query, decoded, in their order. */
function campaignParametersOf(search: string): [name: string, value: string][] {
  // Most URLs have no campaign, and this check is fast.
  if (!search.includes('utm_') && !search.includes('%') && !clickIdHint.test(search)) return []
  return [...new URLSearchParams(search)].flatMap(toLoggedParameter)
}

/**
 * Returns a decoded parameter as the log has it, in a list: a parameter of a campaign, or a click identifier without its
 * value. Returns an empty list for any other, which may contain a secret, such as a token, a search or an email address.
 */
export function toLoggedParameter([name, value]: readonly [name: string, value: string]): [
  name: string,
  value: string,
][] {
  if (fields.has(name)) return [[name, value]]
  return isClickId(name) && value !== '' ? [[name, hiddenValue]] : []
}
