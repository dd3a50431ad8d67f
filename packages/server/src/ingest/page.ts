import { limits } from '@tidemark/protocol'
import { LRUCache } from 'lru-cache'
import { toCleanText } from './text.ts'

/** An address may be said once for a thousand events, and parsing a long one takes a while. */
const parsed = new LRUCache<string, { url: URL | undefined }>({ max: 100 })

/** An address that a page can have, or `undefined`. It may be shared, so nobody changes it. */
export function parsePageUrl(text: string): Readonly<URL> | undefined {
  const known = parsed.get(text)
  if (known) return known.url
  const any = URL.parse(text)
  const url = any?.protocol === 'https:' || any?.protocol === 'http:' ? any : undefined
  parsed.set(text, { url })
  return url
}

/** What a page is counted by: the path of its address as the URL standard writes it, without query and hash. */
export function toPath(url: Readonly<URL>): string {
  return toCleanText(url.pathname.slice(0, limits.maxPathLength))
}

/** The host of the page that led here, without `www.`; `undefined` when it is the site itself or none. */
export function toSource(referrer: string, page: Readonly<URL> | undefined): string | undefined {
  const url = parsePageUrl(referrer)
  if (!url || hostOf(url) === (page && hostOf(page))) return undefined
  return hostOf(url)
}

function hostOf(url: Readonly<URL>): string {
  return url.hostname.replace(/^www\./, '').replace(/\.$/, '')
}
