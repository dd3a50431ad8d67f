import { limits } from '@tidemark/protocol'
import { type Campaign, toCampaign } from './campaign.ts'
import { memoizeTexts } from './memoize-texts.ts'
import { toSourceHost } from './source.ts'
import { memoizeLast } from '../shared/memoize-last.ts'
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
 * one takes a while.
 */
const parseOnce = memoizeTexts(parse, 4_000_000)

/** What is kept of an absolute http or https address; `undefined` for any other text. */
export const parsePageAddress: (text: string) => PageAddress | undefined = memoizeLast(parseOnce)

/** Referrers by themselves, as those of a batch are mostly one, and its pages are many. */
const parseReferrer = memoizeLast(parseOnce)

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
