import { pagePathOf } from '@tidemark/protocol'
import { type Campaign, toCampaign } from './campaign.ts'
import { memoizeTexts } from './memoize-texts.ts'
import { toSourceHost } from './source.ts'
import { memoizeLast } from '../shared/memoize-last.ts'
import { toCleanText } from './text.ts'

/** The parts of a page's URL that are counted. */
export interface PageAddress {
  /** Path as the URL standard serializes it, without query; with the fragment of a hash router. */
  readonly path: string
  /** Host without `www.`. */
  readonly host: string
  /** Source of visits that this page led to: its host, or the main host of a service with several hosts. */
  readonly source: string
  /** Campaign parameters of the query. */
  readonly campaign: Campaign | undefined
}

/** Cached, because most events are from a few pages, and parsing a long URL is slow. */
const parseCached = memoizeTexts(parse, 4_000_000)

/** Parses an absolute http or https URL. Returns `undefined` for any other text. */
export const parsePageAddress: (text: string) => PageAddress | undefined = memoizeLast(parseCached)

/** Has its own last value, because a batch usually has one referrer and many pages. */
const parseReferrer = memoizeLast(parseCached)

function parse(text: string): PageAddress | undefined {
  const url = URL.parse(text)
  if (url?.protocol !== 'https:' && url?.protocol !== 'http:') return undefined
  const host = toHost(url)
  return {
    path: toCleanText(pagePathOf(url)),
    host,
    source: toSourceHost(host),
    campaign: toCampaign(url.search),
  }
}

/** Returns the source of a visit; `undefined` when the referrer is the site itself or not a web page. */
export function toSource(referrer: string, page: PageAddress | undefined): string | undefined {
  const referring = parseReferrer(referrer)
  return referring?.host === page?.host ? undefined : referring?.source
}

function toHost(url: URL): string {
  return url.hostname.replace(/^www\./, '').replace(/\.$/, '')
}
