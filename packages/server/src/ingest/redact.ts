import { isObject, pageFragmentOf } from '@tidemark/protocol'
import { toLoggedParameter } from './campaign.ts'
import { redactReferrer } from './referrer.ts'
import { type PageRules, defaultPageRules } from './page-rules.ts'
import { factNames } from './visitor-facts.ts'

/** Characters before a possible secret in a URL, and the JSON escape that can hide anything. */
const suspiciousCharacter = /[?#@\\]/
/** Links of apps, and facts. */
const suspiciousText = /-app:|(?:userAgent|address|country)"/

/**
 * Removes possible secrets from a body before it is logged. `rebuildEvents` returns the same events from the result.
 *
 * - `userAgent`, `address` and `country` are deleted. The decision has the facts that they give.
 * - `url` is reduced to its origin, path, counted parameters, and the fragment of a hash router.
 * - `referrer` is reduced to its origin and path, or to the name of an app.
 * @param body a body that `parseBatch` accepts
 * @param pages rules with the parameters of the query that are part of the page. @default none are
 */
export function redact(body: string, pages: Pick<PageRules, 'query'> = defaultPageRules): string {
  if (!isSuspicious(body)) return body
  const batch: unknown = JSON.parse(body)
  if (!isObject(batch)) return body
  const { events } = batch
  if (Array.isArray(events)) {
    for (const event of events) if (isObject(event)) redactFields(event, pages)
  }
  redactFields(batch, pages)
  return JSON.stringify(batch)
}

function isSuspicious(body: string): boolean {
  // V8 searches a set of characters alone many times faster than as one of several alternatives.
  return suspiciousCharacter.test(body) || suspiciousText.test(body) || hasPrivateReferrer(body)
}

function redactFields(holder: Record<string, unknown>, pages: Pick<PageRules, 'query'>): void {
  for (const name of factNames) delete holder[name]
  if (typeof holder['url'] === 'string') holder['url'] = redactUrl(holder['url'], pages)
  if (typeof holder['referrer'] === 'string')
    holder['referrer'] = redactReferrerText(holder['referrer'])
}

function redactUrl(text: string, { query: names }: Pick<PageRules, 'query'>): string {
  const url = URL.parse(text)
  if (!url || !isHttp(url)) return ''
  const kept = [...url.searchParams].flatMap(parameter =>
    names.includes(parameter[0]) ? [parameter] : toLoggedParameter(parameter),
  )
  const query = new URLSearchParams(kept).toString()
  return url.origin + url.pathname + (query && `?${query}`) + pageFragmentOf(url.hash)
}

function isHttp(url: URL): boolean {
  return url.protocol === 'https:' || url.protocol === 'http:'
}

/** Returns whether a referrer without suspicious characters has a path that the log does not keep. */
function hasPrivateReferrer(body: string): boolean {
  for (const [, referrer = ''] of body.matchAll(/"referrer"\s*:\s*"([^"]+)"/g)) {
    if (redactReferrerText(referrer) !== referrer) return true
  }
  return false
}

function redactReferrerText(text: string): string {
  // An empty referrer means a direct visit. Any other invalid one means an unknown source.
  return redactReferrer(text) ?? (text === '' ? '' : '-')
}
