import { isObject, pageFragmentOf } from '@tidemark/protocol'
import { campaignParametersOf } from './campaign.ts'
import { parseApp } from './referrer.ts'
import { factNames } from './visitor-facts.ts'

/** Characters before a possible secret in a URL, links of apps, the JSON escape that can hide anything, and facts. */
const suspicious = /[?#@\\]|-app:|"(?:userAgent|address|country)"/

/**
 * Removes possible secrets from a body before it is logged: deletes `userAgent`, `address` and `country`, of which the
 * decision has what counts; reduces `url` to origin, path, campaign and the fragment that
 * counts as part of the path, and `referrer` to origin and path, or to the name of an app. Everything that is counted remains, so `rebuildEvents` returns the same events.
 * @param body a body that `parseBatch` accepts
 */
export function redact(body: string): string {
  if (!suspicious.test(body)) return body
  const batch: unknown = JSON.parse(body)
  if (!isObject(batch)) return body
  const { events } = batch
  if (Array.isArray(events)) {
    for (const event of events) if (isObject(event)) redactFields(event)
  }
  redactFields(batch)
  return JSON.stringify(batch)
}

function redactFields(holder: Record<string, unknown>): void {
  for (const name of factNames) delete holder[name]
  if (typeof holder['url'] === 'string') holder['url'] = redactUrl(holder['url'])
  if (typeof holder['referrer'] === 'string')
    holder['referrer'] = redactReferrer(holder['referrer'])
}

function redactUrl(text: string): string {
  const url = URL.parse(text)
  if (!url || !isHttp(url)) return ''
  const query = new URLSearchParams(campaignParametersOf(url.search)).toString()
  return url.origin + url.pathname + (query && `?${query}`) + pageFragmentOf(url.hash)
}

function redactReferrer(text: string): string {
  const url = URL.parse(text)
  if (url && isHttp(url)) return url.origin + url.pathname
  const app = parseApp(text)
  if (app) return `${app.scheme}://${app.id}/`
  // An empty referrer means a direct visit. Any other invalid one means an unknown source.
  return text === '' ? '' : '-'
}

function isHttp(url: URL): boolean {
  return url.protocol === 'https:' || url.protocol === 'http:'
}
