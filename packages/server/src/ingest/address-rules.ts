import { memoizeLast } from '../shared/memoize-last.ts'
import { type Campaign, toCampaign } from './campaign.ts'
import { toHost } from './host.ts'
import { memoizeTexts } from './memoize-texts.ts'
import { type PageOptions, type PageRules, createPageRules } from './page-rules.ts'
import { type SiteHosts, createSiteHosts } from './site-hosts.ts'
import { toCleanText } from './text.ts'

/** Options of a site for the addresses of its pages. */
export interface AddressOptions {
  /** @default the defaults of `PageOptions` */
  pages?: PageOptions
  /** Hosts of the site: a name, or `*.` and a name for all its subdomains. @default any host */
  hostNames?: readonly string[]
}

/** The parts of a page's URL that are counted. */
export interface PageAddress {
  /** Path by the rules of the site; with the fragment of a hash router. */
  readonly path: string
  /** Host without `www.`. */
  readonly host: string
  /** Whether the host is one of the site. */
  readonly isOfSite: boolean
  /** Campaign parameters of the query. */
  readonly campaign: Campaign | undefined
}

/** How the addresses of a site count. The log has the options, so that a rebuild after a change counts as before. */
export interface AddressRules {
  /** `undefined` for the defaults. */
  readonly options: AddressOptions | undefined
  readonly pages: PageRules
  /** The hosts of the site. @default any */
  readonly hosts: SiteHosts | undefined
  /** Parses an absolute http or https URL of a page. Returns `undefined` for any other text. */
  parse(text: string): PageAddress | undefined
}

/** Characters of addresses in the cache of a site with rules of its own, and of all others. */
const maxOwnCharacters = 1_000_000
const maxSharedCharacters = 4_000_000

/** @throws {TypeError} for invalid options; the message names the field */
export function createAddressRules(options?: AddressOptions): AddressRules {
  const pages = createPageRules(options?.pages)
  const hosts = options?.hostNames && createSiteHosts(options.hostNames)

  function parse(text: string): PageAddress | undefined {
    const url = URL.parse(text)
    if (url?.protocol !== 'https:' && url?.protocol !== 'http:') return undefined
    const host = toHost(url)
    return {
      path: toCleanText(pages.pathOf(url)),
      host,
      isOfSite: hosts?.has(host) ?? true,
      campaign: toCampaign(url.search),
    }
  }

  return {
    options,
    pages,
    hosts,
    // Cached, because most events are from a few pages, and parsing a long URL is slow.
    parse: memoizeLast(memoizeTexts(parse, options ? maxOwnCharacters : maxSharedCharacters)),
  }
}

/** The rules of sites without options. */
export const defaultAddressRules: AddressRules = createAddressRules()

/** Characters of logged options in the cache. */
const maxLoggedCharacters = 200_000

const createFromJson = memoizeTexts(
  json => createAddressRules(JSON.parse(json) as AddressOptions),
  maxLoggedCharacters,
)

/** Returns the rules of logged options. */
export function toAddressRules(options: AddressOptions | undefined): AddressRules {
  return options ? createFromJson(JSON.stringify(options)) : defaultAddressRules
}
