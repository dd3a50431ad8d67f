import { isDeepStrictEqual } from 'node:util'
import { isObject } from '@tidemark/protocol'
import type { TidemarkOptions } from './config.ts'
import { checkOptions } from './options/check-options.ts'
import { type Settings, type SettingsContext, createSettings } from './settings.ts'

export interface ReloadResult {
  /** Changed options that need a restart, such as `storage.dataDir`. They stay as they are. */
  readonly needsRestart: readonly string[]
}

/** The current settings of a server. */
export interface Reloader {
  readonly current: Settings
  /**
   * Replaces the settings by those of new options.
   * @throws {TypeError} for invalid options; the settings stay
   */
  reload(options: TidemarkOptions): ReloadResult
}

/** Options that a reload applies. */
const reloadable: ReadonlySet<string> = new Set([
  'sites',
  'goals',
  'pages',
  'public',
  'exclude',
  'access',
  'hostNames',
  'rates',
])

/** Options that a reload ignores: functions, loggers and clocks are never equal to others. */
const permanent: ReadonlySet<string> = new Set(['log', 'onError', 'clock'])

/** @throws {TypeError} for invalid sites, goals, access rules and host names */
export function createReloader(options: TidemarkOptions, context: SettingsContext): Reloader {
  let current = createSettings(options, context)
  let currentRates = options.rates
  return {
    get current() {
      return current
    },
    reload(next) {
      checkOptions(next)
      // New buckets are full, so each reload would permit another burst.
      const areSameRates = isDeepStrictEqual(next.rates, currentRates)
      current = createSettings(next, context, areSameRates ? current.rates : undefined)
      currentRates = next.rates
      return { needsRestart: changedOptions(options, next) }
    },
  }
}

/** Returns the options that differ and need a restart, with the fields of groups: `storage.dataDir`. */
function changedOptions(before: TidemarkOptions, after: TidemarkOptions): string[] {
  const fieldsBefore = flatten(before)
  const fieldsAfter = flatten(after)
  const names = new Set([...fieldsBefore.keys(), ...fieldsAfter.keys()])
  return [...names].filter(
    name => !isDeepStrictEqual(fieldsBefore.get(name), fieldsAfter.get(name)),
  )
}

/** Collects the options that need a restart, by path. */
function flatten(options: TidemarkOptions): ReadonlyMap<string, unknown> {
  const fields = new Map<string, unknown>()
  for (const [name, value] of Object.entries<unknown>({ ...options })) {
    if (reloadable.has(name) || permanent.has(name)) continue
    if (!isObject(value)) fields.set(name, value)
    else for (const field of Object.keys(value)) fields.set(`${name}.${field}`, value[field])
  }
  return fields
}
