import { limits } from '@tidemark/protocol'
import { toCleanText } from './text.ts'

/** An address that a page can have, or `undefined`. */
export function parsePageUrl(text: string): URL | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined
  return url && (url.protocol === 'https:' || url.protocol === 'http:') ? url : undefined
}

/** What a page is counted by: the path of its address as the URL standard writes it, without query and hash. */
export function toPath(url: URL): string {
  return toCleanText(url.pathname).slice(0, limits.maxPathLength)
}

/** The host of the page that led here, without `www.`; `undefined` when it is the site itself or none. */
export function toSource(referrer: string, page: URL | undefined): string | undefined {
  const url = parsePageUrl(referrer)
  if (!url || hostOf(url) === (page && hostOf(page))) return undefined
  return hostOf(url)
}

function hostOf(url: URL): string {
  return url.hostname.replace(/^www\./, '').replace(/\.$/, '')
}
