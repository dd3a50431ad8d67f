import { toCleanText } from './text.ts'

/** The campaign parameters of a link. At least one is present. */
export interface Campaign {
  source?: string
  medium?: string
  campaign?: string
  term?: string
  content?: string
  /** Kind of the click id: the name of its parameter. */
  clickId?: string
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
 * Parameters with the id of one click on an ad, by its network: https://support.google.com/google-ads/answer/9744275,
 * https://help.ads.microsoft.com/apex/index/3/en/60000, https://developers.facebook.com/docs/marketing-api/conversions-api/parameters/fbp-and-fbc,
 * https://ads.tiktok.com/help/article/tiktok-click-id, https://business.x.com/en/help/campaign-measurement-and-analytics/conversion-tracking-for-websites,
 * https://www.linkedin.com/help/lms/answer/a423304, https://support.google.com/campaignmanager/answer/9182069,
 * https://yandex.com/support/metrica/general/tracking-click-id.html, https://help.pinterest.com/en/business/article/the-pinterest-api-for-conversions,
 * https://business.reddithelp.com/s/article/about-click-id, https://businesshelp.snapchat.com/s/article/snapchat-click-id
 */
const clickIds: ReadonlySet<string> = new Set([
  ...['gclid', 'gbraid', 'wbraid', 'dclid', 'msclkid', 'fbclid', 'ttclid', 'twclid', 'li_fat_id'],
  ...['yclid', 'epik', 'rdt_cid', 'ScCid'],
])

/** Matches every query with a parameter that counts, fast. An escape may hide the name of one. */
const mayHaveCampaign = /utm_|cl(?:k?id)|braid|li_fat_id|epik|rdt_cid|ScCid|%/

/** Stands for the value of a click id, which is not read. */
const anyClick = '1'

/**
 * Parses the `utm_` parameters of a query. The first value of a repeated parameter that is not blank counts. Names and
 * values may be escaped, as in `utm%5Fsource=news`. Values are case-sensitive, as in Google Analytics and Plausible.
 * Of a click id, only the name counts.
 * @param search query as `URL.search` returns it
 */
export function toCampaign(search: string): Campaign | undefined {
  const campaign: Campaign = {}
  let isCampaign = false
  for (const [name, value] of campaignParametersOf(search)) {
    if (clickIds.has(name) && campaign.clickId === undefined) {
      campaign.clickId = name
      isCampaign = true
    }
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
 * Returns the campaign parameters of a query, decoded, in their order, and click ids without their value. Any other
 * parameter may contain a secret, such as a token, a search or an email address.
 */
export function campaignParametersOf(search: string): [name: string, value: string][] {
  // Most URLs have no campaign, and this check is fast.
  if (!mayHaveCampaign.test(search)) return []
  return [...new URLSearchParams(search)].flatMap(([name, value]): [string, string][] => {
    if (clickIds.has(name)) return value === '' ? [] : [[name, anyClick]]
    return fields.has(name) ? [[name, value]] : []
  })
}
