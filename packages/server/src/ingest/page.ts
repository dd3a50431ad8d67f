import { limits } from '@tidemark/protocol'
import { LRUCache } from 'lru-cache'
import { type Campaign, toCampaign } from './campaign.ts'
import { toSourceHost } from './source.ts'
import { rememberLast } from '../rollup/remember-last.ts'
import { toCleanText } from './text.ts'

/** What is kept of the address of a page. */
export interface PageAddress {
  /** What a page is counted by: the path as the URL standard writes it, without query and hash. */
  readonly path: string
  /** Without `www.`. */
  readonly host: string
  /** What it counts as where it led to another site: its host, or that by which several are one. */
  readonly source: string
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
export const parsePageAddress: (text: string) => PageAddress | undefined = rememberLast(parseCached)

/** Referrers by themselves, as those of a batch are mostly one, and its pages are many. */
const parseReferrer = rememberLast(parseCached)

function parseCached(text: string): PageAddress | undefined {
  const cached = known.get(text)
  if (cached) return cached.address
  const address = parse(text)
  known.set(text, { address })
  return address
}

function parse(text: string): PageAddress | undefined {
  const url = URL.parse(text)
  if (url?.protocol !== 'https:' && url?.protocol !== 'http:') return undefined
  const host = toHost(url)
  return {
    path: toPath(url),
    host,
    source: toSourceHost(host),
    campaign: toCampaign(url.search),
  }
}

/** What led here; `undefined` when it is the site itself or none. */
export function toSource(referrer: string, page: PageAddress | undefined): string | undefined {
  const from = parseReferrer(referrer)
  return from?.host === page?.host ? undefined : from?.source
}

function toPath(url: URL): string {
  return toCleanText(url.pathname.slice(0, limits.maxPathLength))
}

function toHost(url: URL): string {
  return url.hostname.replace(/^www\./, '').replace(/\.$/, '')
}
