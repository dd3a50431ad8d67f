import type { TidemarkOptions } from './config.ts'
import type { Settings } from './log/log.ts'
import type { SiteSettings } from './site-options.ts'
import { storeAddressOptions } from './sites/address-setting.ts'
import { storeBounceRules } from './sites/bounce-setting.ts'
import { storeExclusion } from './sites/exclude-setting.ts'

/**
 * Stores the rules of sites for commands without a configuration: pages, hosts, excluded addresses and bounces.
 * @param rules the same options, resolved
 * @throws {LogUnavailableError} when they cannot be stored
 */
export function storeRules(
  settings: Settings,
  options: Pick<TidemarkOptions, 'sites' | 'exclude'>,
  { rulesOf, bounceRuleOf }: Pick<SiteSettings, 'rulesOf' | 'bounceRuleOf'>,
): void {
  const ids = options.sites?.flatMap(site => (typeof site === 'string' ? [] : [site.id])) ?? []
  storeAddressOptions(settings, ids, site => rulesOf(site).addresses.options)
  storeExclusion(settings, options)
  storeBounceRules(settings, ids, bounceRuleOf)
}
