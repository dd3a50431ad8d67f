import type { Settings } from '../log/log.ts'

const settingName = 'excluded_addresses'

/** Excluded addresses and CIDR blocks, as a server stores them for imports. */
interface StoredExclusion {
  /** Addresses that all sites exclude. */
  readonly server: readonly string[]
  /** In addition, by site ID. */
  readonly sites: readonly (readonly [string, readonly string[]])[]
}

interface Exclusion {
  readonly addresses?: readonly string[]
}

/** Options of a server with excluded addresses. */
export interface ExclusionOptions {
  readonly exclude?: Exclusion
  readonly sites?: readonly (string | { readonly id: string; readonly exclude?: Exclusion })[]
}

/**
 * Stores the excluded addresses when they have changed, so that an import leaves out the same visits. A server without
 * any stores an empty list, which tells that its other rules are the defaults.
 * @throws {LogUnavailableError} when they cannot be stored
 */
export function storeExclusion(
  settings: Settings,
  { exclude, sites = [] }: ExclusionOptions,
): void {
  const stored: StoredExclusion = {
    server: exclude?.addresses ?? [],
    sites: sites.flatMap(site =>
      typeof site === 'string' || !site.exclude?.addresses
        ? []
        : [[site.id, site.exclude.addresses] as const],
    ),
  }
  const text = JSON.stringify(stored)
  if (text !== settings.get(settingName)) settings.set(settingName, text)
}

/** Returns the addresses that the last server excluded from a site; `undefined` before the first server. */
export function readExclusion(
  settings: Pick<Settings, 'get'>,
  site: string,
): readonly string[] | undefined {
  const text = settings.get(settingName)
  if (text === undefined) return undefined
  const { server, sites } = JSON.parse(text) as StoredExclusion
  const [, addresses = []] = sites.find(([id]) => id === site) ?? []
  return [...server, ...addresses]
}
