import { pagePathOf } from '@tidemark/protocol'
import { type Campaign, toCampaign } from './campaign.ts'
import { toHost } from './host.ts'
import { memoizeTexts } from './memoize-texts.ts'
import { parseReferrer } from './referrer.ts'
import { toTaggedPlace } from './source.ts'
import { memoizeLast } from '../shared/memoize-last.ts'
import { toCleanText } from './text.ts'

/** The parts of a page's URL that are counted. */
export interface PageAddress {
  /** Path as the URL standard serializes it, without query; with the fragment of a hash router. */
  readonly path: string
  /** Host without `www.`. */
  readonly host: string
  /** Campaign parameters of the query. */
  readonly campaign: Campaign | undefined
}

/** Cached, because most events are from a few pages, and parsing a long URL is slow. */
const parseCached = memoizeTexts(parse, 4_000_000)

/** Parses an absolute http or https URL. Returns `undefined` for any other text. */
export const parsePageAddress: (text: string) => PageAddress | undefined = memoizeLast(parseCached)

function parse(text: string): PageAddress | undefined {
  const url = URL.parse(text)
  if (url?.protocol !== 'https:' && url?.protocol !== 'http:') return undefined
  return {
    path: toCleanText(pagePathOf(url)),
    host: toHost(url),
    campaign: withPlace(toCampaign(url.search)),
  }
}

/** Returns the source of a visit; `undefined` when the referrer is the site itself or not a web page. */
export function toSource(referrer: string, page: PageAddress | undefined): string | undefined {
  const referring = parseReferrer(referrer)
  if (!referring || (referring.host !== undefined && referring.host === page?.host))
    return undefined
  return referring.place.source
}

function withPlace(campaign: Campaign | undefined): Campaign | undefined {
  const tag = campaign?.source
  return tag === undefined ? campaign : { ...campaign, source: toTaggedPlace(tag).source }
}
