import type { TidemarkOptions } from './config.ts'
import { type AccessRules, createAccessRules } from './guard/access.ts'
import { type HostNames, createHostNames } from './guard/host-names.ts'
import { type Rates, createRates } from './guard/rates.ts'
import type { WriteRules } from './guard/write-rules.ts'
import type { IsExcluded } from './ingest/exclude-events.ts'
import type { SiteRules } from './ingest/decide.ts'
import type { BounceRule } from './rollup/table/visit.ts'
import type { Clock } from './shared/clock.ts'
import { resolveSites } from './site-options.ts'

/** The settings that a reload replaces, all at once. */
export interface Settings {
  readonly access: AccessRules
  /** The first of `sites`: the site of routes without one in their path. `undefined` when any site exists. */
  readonly defaultSite: string | undefined
  /** Returns the rules of a site that decide about events: its goals, pages and hosts. */
  readonly rulesOf: (site: string) => Required<SiteRules>
  /** Returns the rules for the senders of events of a site. */
  readonly writeRulesOf: (site: string) => WriteRules
  /** Returns a function that recognizes the excluded addresses of a site; `undefined` if the site excludes none. */
  readonly exclusionOf: (site: string) => IsExcluded | undefined
  /** Returns the bounce rule of a site; `undefined` for that of the server. */
  readonly bounceRuleOf: (site: string) => BounceRule | undefined
  readonly hosts: HostNames
  readonly rates: Rates
}

export interface SettingsContext {
  clock: Clock
  /** Receives internal errors. */
  onError(error: unknown): void
  /** Returns whether an address is that of a trusted proxy. @default none is */
  isProxy?(address: string): boolean
}

/**
 * @param rates of the previous settings, with their counts. @default new ones
 * @throws {TypeError} for invalid sites, goals, access rules and host names
 */
export function createSettings(
  options: TidemarkOptions,
  context: SettingsContext,
  rates: Rates = createRates(options.rates, context.clock),
): Settings {
  const { isProxy = () => false } = context
  const { ids, publicAccess, ...rules } = resolveSites(options.sites, {
    goals: options.goals,
    pages: options.pages,
    publicRule: options.public,
    exclude: options.exclude,
    requiresWriteToken: options.access?.tokens?.scopes?.includes('write') ?? false,
  })
  const hosts = createHostNames({ hostNames: options.hostNames, isProxy })
  const access = createAccessRules(options.access, { sites: ids, publicAccess, hosts, ...context })
  return { access, defaultSite: ids?.[0], ...rules, hosts, rates }
}
