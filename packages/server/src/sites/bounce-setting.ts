import type { Settings } from '../log/log.ts'
import type { BounceRule } from '../rollup/table/visit.ts'

const settingName = 'site_bounce_rules'

/** Bounce rules of the sites with one, by site ID. */
type StoredRules = readonly (readonly [string, BounceRule])[]

/**
 * Stores the bounce rules of sites when they have changed, so that commands count the events in the log of a stopped
 * server by the same rules.
 * @param ids the sites with options
 * @throws {LogUnavailableError} when they cannot be stored
 */
export function storeBounceRules(
  settings: Settings,
  ids: readonly string[],
  ruleOf: (site: string) => BounceRule | undefined,
): void {
  const rules: StoredRules = ids.flatMap(id => {
    const rule = ruleOf(id)
    return rule === undefined ? [] : [[id, rule] as const]
  })
  const text = rules.length > 0 ? JSON.stringify(rules) : ''
  if (text !== (settings.get(settingName) ?? '')) settings.set(settingName, text)
}

/** Returns the bounce rule of a site on the last server; `undefined` for that of all sites. */
export function readBounceRule(
  settings: Pick<Settings, 'get'>,
  site: string,
): BounceRule | undefined {
  const text = settings.get(settingName) ?? ''
  if (text === '') return undefined
  const rules = JSON.parse(text) as StoredRules
  return rules.find(([id]) => id === site)?.[1]
}
