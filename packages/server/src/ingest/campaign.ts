import { toCleanText } from './text.ts'

/** What a link says of the campaign that it is part of. One of them is there at least. */
export interface Campaign {
  source?: string
  medium?: string
  campaign?: string
}

/** A longer source, medium or campaign is cut. */
export const maxCampaignTextLength = 200

const parameters = [
  ['source', /(?:^|&)utm_source=([^&]+)/g],
  ['medium', /(?:^|&)utm_medium=([^&]+)/g],
  ['campaign', /(?:^|&)utm_campaign=([^&]+)/g],
] as const

/**
 * Reads `utm_source`, `utm_medium` and `utm_campaign` from an address, or from its query with the
 * question mark. Of a parameter that is there more than once the first that is not blank counts.
 * Case is kept, as it is in Google Analytics and Plausible: whoever tags links finds their own words
 * again.
 */
export function toCampaign(url: string): Campaign | undefined {
  // Most addresses have none, and that costs nothing to see.
  if (!url.includes('utm_')) return undefined
  const query = queryOf(url)
  const found: Campaign = {}
  let isCampaign = false
  for (const [key, pattern] of parameters) {
    const text = firstText(query, pattern)
    if (text === undefined) continue
    found[key] = text
    isCampaign = true
  }
  return isCampaign ? found : undefined
}

/** What is between the first question mark and the hash. */
function queryOf(url: string): string {
  const [address = ''] = url.split('#', 1)
  const mark = address.indexOf('?')
  return mark < 0 ? '' : address.slice(mark + 1)
}

function firstText(query: string, pattern: RegExp): string | undefined {
  for (const [, value = ''] of query.matchAll(pattern)) {
    const text = toText(value)
    if (text !== '') return text
  }
  return undefined
}

/** Decodes as forms do, where a plus is a space and a wrong escape is left as it is. */
function toText(value: string): string {
  const decoded = /[+%]/.test(value) ? (new URLSearchParams(`=${value}`).get('') ?? '') : value
  return toCleanText(decoded.trim().slice(0, maxCampaignTextLength))
}
