import { isObject } from '@tidemark/protocol'

/** What tells of campaigns. All else in a query may be a secret: a token, a search, an address. */
const keptParameters: ReadonlySet<string> = new Set([
  'utm_source',
  'utm_medium',
  'utm_campaign',
  'utm_term',
  'utm_content',
])

/** What an address may hide a secret behind, and the escape that may hide these. */
const suspicious = /[?#@\\]/

/**
 * The body as it may be kept: of `url` the origin, the path and the campaign, of `referrer` the origin.
 * Everything that is counted can still be found in it, so `recall` finds the same events.
 * @param body that `parseBatch` could read
 */
export function redact(body: string): string {
  if (!suspicious.test(body)) return body
  const batch: unknown = JSON.parse(body)
  if (!isObject(batch)) return body
  const { events } = batch
  if (Array.isArray(events)) {
    for (const event of events) if (isObject(event)) redactAddresses(event)
  }
  redactAddresses(batch)
  return JSON.stringify(batch)
}

function redactAddresses(holder: Record<string, unknown>): void {
  if (typeof holder['url'] === 'string') holder['url'] = toKeptUrl(holder['url'])
  if (typeof holder['referrer'] === 'string') holder['referrer'] = toOrigin(holder['referrer'])
}

function toKeptUrl(text: string): string {
  const url = URL.parse(text)
  if (!url || !isHttp(url)) return ''
  const kept = [...url.searchParams].filter(([name]) => keptParameters.has(name))
  const query = new URLSearchParams(kept).toString()
  return url.origin + url.pathname + (query && `?${query}`)
}

function toOrigin(text: string): string {
  const url = URL.parse(text)
  if (url && isHttp(url)) return `${url.origin}/`
  // Nothing says that nothing led there, which is something else.
  return text === '' ? '' : '-'
}

function isHttp(url: URL): boolean {
  return url.protocol === 'https:' || url.protocol === 'http:'
}
