import { toCleanText } from './text.ts'

/** The campaign parameters of a link. At least one is present. */
export interface Campaign {
  source?: string
  medium?: string
  campaign?: string
  term?: string
  content?: string
}

/** Longest campaign parameter. A longer one is truncated. */
export const maxCampaignTextLength = 200

/** Parameters of a query that are counted. The log keeps them, because a rebuild reads them again. */
const fields: ReadonlyMap<string, keyof Campaign> = new Map([
  ['utm_source', 'source'],
  ['utm_medium', 'medium'],
  ['utm_campaign', 'campaign'],
  ['utm_term', 'term'],
  ['utm_content', 'content'],
])

/**
 * Parses the `utm_` parameters of a query. The first value of a repeated parameter that is not blank counts. Names and
 * values may be escaped, as in `utm%5Fsource=news`. Values are case-sensitive, as in Google Analytics and Plausible.
 * @param search query as `URL.search` returns it
 */
export function toCampaign(search: string): Campaign | undefined {
  const campaign: Campaign = {}
  let isCampaign = false
  for (const [name, value] of campaignParametersOf(search)) {
    const field = fields.get(name)
    if (field === undefined || campaign[field] !== undefined) continue
    const text = toCleanText(value.trim().slice(0, maxCampaignTextLength))
    if (text === '') continue
    campaign[field] = text
    isCampaign = true
  }
  return isCampaign ? campaign : undefined
}

/**
 * Returns the campaign parameters of a query, decoded, in their order. Any other parameter may contain a secret, such
 * as a token, a search or an email address.
 */
export function campaignParametersOf(search: string): [name: string, value: string][] {
  // Most URLs have no campaign, and this check is fast.
  if (!search.includes('utm_') && !search.includes('%')) return []
  return [...new URLSearchParams(search)].filter(([name]) => fields.has(name))
}
