import { type AddressOptions, type AddressRules, toAddressRules } from '../ingest/address-rules.ts'
import type { Settings } from '../log/log.ts'

const settingName = 'addresses'

/** Options for the addresses of sites, as a server stores them for imports. */
interface StoredAddresses {
  /** Setting of the sites without options of their own; `null` for the defaults. */
  readonly others: AddressOptions | null
  /** By site ID. */
  readonly sites: readonly (readonly [string, AddressOptions | null])[]
}

/** An ID that no site has. */
const noSite = ''

/**
 * Stores the options for the addresses of sites when they have changed, so that an import counts by the same rules.
 * @param ids the sites with options
 * @throws {LogUnavailableError} when they cannot be stored
 */
export function storeAddressOptions(
  settings: Settings,
  ids: readonly string[],
  optionsOf: (site: string) => AddressOptions | undefined,
): void {
  const stored: StoredAddresses = {
    others: optionsOf(noSite) ?? null,
    sites: ids.map(id => [id, optionsOf(id) ?? null] as const),
  }
  const isDefault = stored.others === null && stored.sites.every(([, options]) => options === null)
  const before = settings.get(settingName)
  const text = isDefault ? '' : JSON.stringify(stored)
  if (text !== (before ?? '')) settings.set(settingName, text)
}

/** Returns the rules for the addresses of a site that the last server had. */
export function readAddressRules(settings: Pick<Settings, 'get'>, site: string): AddressRules {
  const text = settings.get(settingName) ?? ''
  if (text === '') return toAddressRules(undefined)
  const { others, sites } = JSON.parse(text) as StoredAddresses
  const found = sites.find(([id]) => id === site)
  return toAddressRules((found ? found[1] : others) ?? undefined)
}
