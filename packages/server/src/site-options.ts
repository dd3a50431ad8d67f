import { type PublicRule, type ReadAccess, toPublicAccess } from './guard/read-scope.ts'
import { createAddressRules, defaultAddressRules } from './ingest/address-rules.ts'
import type { SiteRules } from './ingest/decide.ts'
import { type Goal, createGoals } from './ingest/goals.ts'
import {
  type WriteOptions,
  type WriteRules,
  anySender,
  createWriteRules,
} from './guard/write-rules.ts'
import type { IsExcluded } from './ingest/exclude-events.ts'
import type { PageOptions } from './ingest/page-rules.ts'
import { noGoals } from './ingest/site-event.ts'
import type { BounceRule } from './rollup/table/visit.ts'
import { createAddressList } from './shared/address-list.ts'

/** Events that are accepted and not counted. */
export interface ExcludeOptions {
  /** Addresses and CIDR blocks of the visitors; for example `['203.0.113.0/24', '2001:db8::/32']`. @default none */
  addresses?: readonly string[]
}

/** History of one site. */
export interface SiteHistoryOptions {
  /** Sessions that count as bounces. A new rule applies to sessions that change afterwards. @default the server's rule */
  bounce?: BounceRule
}

/** One site with options of its own. */
export interface SiteOptions extends WriteOptions {
  id: string
  /** Goals of this site, instead of those of the server. @default the server's `goals` */
  goals?: readonly Goal[]
  /** Which addresses are one page, instead of the server's `pages`. @default the server's `pages` */
  pages?: PageOptions
  /**
   * Hosts of the site: a name, or `*.` and a name for all its subdomains. Events of other hosts count by host alone, as
   * `(other host)`: copies on localhost, in previews, archives and translations. @default any host
   */
  hostNames?: readonly string[]
  /**
   * Figures that anyone may read without a token, instead of those of the server. Once one site has such a rule, the
   * others show nothing without a token. @default the server's `public`
   */
  public?: PublicRule
  /** Sessions of this site that count as bounces, instead of those of the server. */
  history?: SiteHistoryOptions
  /** Events that are not counted, in addition to those of the server's `exclude`. @default none */
  exclude?: ExcludeOptions
}

/** The sites of a server, after validation. */
export interface SiteSettings {
  /** IDs of the sites that exist; `undefined` for any. */
  readonly ids: readonly string[] | undefined
  /** Returns the rules of a site that decide about events. */
  rulesOf(site: string): Required<SiteRules>
  /** Returns the rules for the senders of events of a site. */
  writeRulesOf(site: string): WriteRules
  /** Returns a function that recognizes the excluded addresses of a site; `undefined` if the site excludes none. */
  exclusionOf(site: string): IsExcluded | undefined
  /** Returns the bounce rule of a site; `undefined` for that of the server. */
  bounceRuleOf(site: string): BounceRule | undefined
  /** The figures that anyone may read, by site. */
  readonly publicAccess: ReadonlyMap<string, ReadAccess>
}

export interface SitesContext {
  /** Goals of the sites without goals of their own. @default none */
  goals?: readonly Goal[] | undefined
  /** Which addresses are one page, of the sites without rules of their own. @default the defaults of `PageOptions` */
  pages?: PageOptions | undefined
  /** Figures that anyone may read of the sites without a rule of their own. @default none */
  publicRule?: PublicRule | undefined
  /** Events of every site that are not counted. @default none */
  exclude?: ExcludeOptions | undefined
  /** Whether sending requires a token. @default it does not */
  requiresWriteToken?: boolean
}

/**
 * Resolves the options of sites, which `checkOptions` has checked.
 * @throws {TypeError} for invalid goals, keys and public figures; `checkOptions` names the field
 */
export function resolveSites(
  sites: readonly (string | SiteOptions)[] | undefined,
  { goals, pages, publicRule, exclude, requiresWriteToken = false }: SitesContext = {},
): SiteSettings {
  const rulesOfServer = createSiteRules({ goals, pages })
  const rulesBySite = new Map<string, Required<SiteRules>>()
  const writeRulesBySite = new Map<string, WriteRules>()
  const exclusionOfServer = createExclusion([exclude?.addresses ?? []])
  const exclusionBySite = new Map<string, IsExcluded | undefined>()
  const bounceRuleBySite = new Map<string, BounceRule>()
  const publicAccess = toPublicDefaults(sites, publicRule)
  for (const [index, site] of sites?.entries() ?? []) {
    if (typeof site === 'string') continue
    rulesBySite.set(
      site.id,
      createSiteRules({
        goals: site.goals ?? goals,
        pages: site.pages ?? pages,
        hostNames: site.hostNames,
      }),
    )
    writeRulesBySite.set(site.id, createWriteRules(site, `sites[${index}]`, requiresWriteToken))
    if (site.exclude?.addresses) {
      const lists = [exclude?.addresses ?? [], site.exclude.addresses]
      exclusionBySite.set(site.id, createExclusion(lists))
    }
    if (site.history?.bounce) bounceRuleBySite.set(site.id, site.history.bounce)
    if (site.public) {
      publicAccess.set(site.id, toPublicAccess(site.public, `sites[${index}].public`))
    }
  }
  return {
    ids: sites?.map(toId),
    publicAccess,
    rulesOf: site => rulesBySite.get(site) ?? rulesOfServer,
    exclusionOf: site => exclusionBySite.get(site) ?? exclusionOfServer,
    bounceRuleOf: site => bounceRuleBySite.get(site),
    writeRulesOf: site => writeRulesBySite.get(site) ?? anySender,
  }
}

interface RuleOptions {
  goals: readonly Goal[] | undefined
  pages: PageOptions | undefined
  hostNames?: readonly string[] | undefined
}

function createSiteRules({ goals, pages, hostNames }: RuleOptions): Required<SiteRules> {
  const addresses =
    pages || hostNames
      ? createAddressRules({ ...(pages && { pages }), ...(hostNames && { hostNames }) })
      : defaultAddressRules
  return { goalsOf: goals ? createGoals(goals, addresses.pages) : () => noGoals, addresses }
}

function createExclusion(lists: readonly (readonly string[])[]): IsExcluded | undefined {
  const addresses = lists.flat()
  return addresses.length > 0 ? createAddressList(addresses, 'exclude.addresses').has : undefined
}

/**
 * Gives every site the figures that anyone may read by default.
 * @throws {TypeError} without a list of sites
 */
function toPublicDefaults(
  sites: readonly (string | SiteOptions)[] | undefined,
  rule: PublicRule | undefined,
): Map<string, ReadAccess> {
  if (!rule) return new Map()
  if (!sites) {
    throw new TypeError('public: public figures belong to sites. Name each site in `sites`.')
  }
  const access = toPublicAccess(rule, 'public')
  return new Map(sites.map(site => [toId(site), access]))
}

const toId = (site: string | SiteOptions): string => (typeof site === 'string' ? site : site.id)
