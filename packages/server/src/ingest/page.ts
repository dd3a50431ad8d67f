import { limits } from '@tidemark/protocol'
import { LRUCache } from 'lru-cache'
import { type Campaign, toCampaign } from './campaign.ts'
import { toSourceHost } from './source.ts'
import { toCleanText } from './text.ts'

/** What is kept of the address of a page. */
export interface PageAddress {
  /** What a page is counted by: the path as the URL standard writes it, without query and hash. */
  readonly path: string
  /** Without `www.`. */
  readonly host: string
  /** What its query is tagged with. */
  readonly campaign: Campaign | undefined
}

/**
 * Most events are of a few pages, an address may be said once for a thousand events, and parsing a long
 * one takes a while. Bounded by the characters in it, as a sender may make them up.
 */
const known = new LRUCache<string, { address: PageAddress | undefined }>({
  maxSize: 4_000_000,
  sizeCalculation: (_value, text) => text.length + 200,
})

/** What is kept of an absolute http or https address; `undefined` for any other text. */
export function parsePageAddress(text: string): PageAddress | undefined {
  const cached = known.get(text)
  if (cached) return cached.address
  const url = URL.parse(text)
  const isPage = url?.protocol === 'https:' || url?.protocol === 'http:'
  const address =
    url && isPage
      ? { path: toPath(url), host: toHost(url), campaign: toCampaign(url.search) }
      : undefined
  known.set(text, { address })
  return address
}

/** The host of the page that led here; `undefined` when it is the site itself or none. */
export function toSource(referrer: string, page: PageAddress | undefined): string | undefined {
  const host = parsePageAddress(referrer)?.host
  return host === undefined || host === page?.host ? undefined : toSourceHost(host)
}

function toPath(url: URL): string {
  return toCleanText(url.pathname.slice(0, limits.maxPathLength))
}

function toHost(url: URL): string {
  return url.hostname.replace(/^www\./, '').replace(/\.$/, '')
}
