import { toCleanText } from './text.ts'

/** The campaign parameters of a link. At least one is present. */
export interface Campaign {
  source?: string
  medium?: string
  campaign?: string
}

/** Longest source, medium or campaign. A longer one is truncated. */
export const maxCampaignTextLength = 200

const parameters = [
  ['source', /(?:^|&)utm_source=([^&]+)/g],
  ['medium', /(?:^|&)utm_medium=([^&]+)/g],
  ['campaign', /(?:^|&)utm_campaign=([^&]+)/g],
] as const

/**
 * Parses `utm_source`, `utm_medium` and `utm_campaign` from a URL, or from its query with the question mark. The first
 * value of a repeated parameter that is not blank counts. Values are case-sensitive, as in Google Analytics and
 * Plausible.
 */
export function toCampaign(url: string): Campaign | undefined {
  // Most URLs have no campaign, and this check is fast.
  if (!url.includes('utm_')) return undefined
  const query = queryOf(url)
  const campaign: Campaign = {}
  let isCampaign = false
  for (const [key, pattern] of parameters) {
    const text = firstText(query, pattern)
    if (text === undefined) continue
    campaign[key] = text
    isCampaign = true
  }
  return isCampaign ? campaign : undefined
}

/** Returns the part between the first question mark and the hash. */
function queryOf(url: string): string {
  const [withoutHash = ''] = url.split('#', 1)
  const start = withoutHash.indexOf('?')
  return start < 0 ? '' : withoutHash.slice(start + 1)
}

function firstText(query: string, pattern: RegExp): string | undefined {
  for (const [, value = ''] of query.matchAll(pattern)) {
    const text = toText(value)
    if (text !== '') return text
  }
  return undefined
}

/** Decodes a form-encoded value: a plus sign means a space, and an invalid escape stays unchanged. */
function toText(value: string): string {
  const decoded = /[+%]/.test(value) ? (new URLSearchParams(`=${value}`).get('') ?? '') : value
  return toCleanText(decoded.trim().slice(0, maxCampaignTextLength))
}
