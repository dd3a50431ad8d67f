import type { TidemarkOptions } from './config.ts'
import { type AccessRules, createAccessRules } from './guard/access.ts'
import type { WriteRules } from './guard/write-rules.ts'
import type { GoalsOf } from './ingest/goals.ts'
import type { Clock } from './shared/clock.ts'
import { resolveSites } from './site-options.ts'

/** The settings that a reload replaces, all at once. */
export interface Settings {
  readonly access: AccessRules
  /** Returns the goals of a site. */
  readonly goalsOf: (site: string) => GoalsOf
  /** Returns the rules for the senders of events of a site. */
  readonly writeRulesOf: (site: string) => WriteRules
}

export interface SettingsContext {
  clock: Clock
  /** Receives internal errors. */
  onError(error: unknown): void
}

/** @throws {TypeError} for invalid sites, goals and access rules */
export function createSettings(options: TidemarkOptions, context: SettingsContext): Settings {
  const { ids, goalsOf, writeRulesOf, publicAccess } = resolveSites(options.sites, {
    goals: options.goals,
    publicRule: options.public,
    requiresWriteToken: options.access?.tokens?.scopes?.includes('write') ?? false,
  })
  const access = createAccessRules(options.access, { sites: ids, publicAccess, ...context })
  return { access, goalsOf, writeRulesOf }
}
