/**
 * Parameters by which networks recognize clicks on ads.
 *
 * - Google Ads and Display: https://support.google.com/google-ads/answer/9744275
 * - Microsoft Advertising: https://help.ads.microsoft.com/apex/index/3/en/60000
 * - the others: the networks' documentation of their ads (TikTok, X, LinkedIn, Reddit, Snapchat, Yandex Direct, Quora)
 */
const adClickIds: ReadonlySet<string> = new Set([
  ...['gclid', 'gbraid', 'wbraid', 'dclid', 'gad_source', 'msclkid', 'yclid', 'ttclid', 'twclid'],
  ...['li_fat_id', 'rdt_cid', 'ScCid', 'sccid', 'qclid'],
])

/**
 * Parameters that are in links of any kind: Facebook adds `fbclid` to all links, and Yandex adds `ysclid` to all results
 * of its search.
 */
const otherClickIds: ReadonlySet<string> = new Set(['fbclid', 'ysclid', 'srsltid', 'epik'])

/** Matches queries that have one. */
export const clickIdHint: RegExp = new RegExp([...adClickIds, ...otherClickIds].join('|'))

export function isClickId(name: string): boolean {
  return adClickIds.has(name) || otherClickIds.has(name)
}

/** Returns whether only links in ads have the parameter. */
export function isAdClickId(name: string): boolean {
  return adClickIds.has(name)
}
