import { existsSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import type { AddressRules } from '../ingest/address-rules.ts'
import { DatabaseSync } from '../log/node-sqlite.ts'
import { LogUnavailableError, type Settings } from '../log/log.ts'
import { busyTimeoutMs } from '../log/sqlite-database.ts'
import { createSqliteSettings } from '../log/sqlite-settings.ts'
import { messageOf } from '../shared/error-message.ts'
import { readAddressRules } from '../sites/address-setting.ts'
import { readExclusion } from '../sites/exclude-setting.ts'
import {
  type HistorySettings,
  type RequestedHistory,
  resolveHistorySettings,
} from '../sites/history-settings.ts'
import { resolveImportTimeZone } from '../sites/time-zone-setting.ts'
import { overlaySettings } from './settings-overlay.ts'

/** Where the rules of an import come from. Before the first server, a data directory has the defaults. */
export type RuleSource = 'configuration' | 'server' | 'defaults'

/** Rules of a site for an import. */
export interface SiteRules {
  /** @default any host, and pages by their path */
  readonly addresses: AddressRules
  /** Addresses and CIDR blocks whose requests do not count. @default none */
  readonly excluded: readonly string[]
  /** Retention and sessions. An import does not use the bounce rule. */
  readonly history: HistorySettings
  readonly source: RuleSource
  /** Fields of the configuration in which the last server had another value for the site. */
  readonly changed: readonly string[]
}

/** Rules of a configuration. For an import they replace those of the last server; they are not stored. */
export interface ConfiguredRules {
  readonly history: RequestedHistory
  /** Stores pages, hosts, excluded addresses and bounces of all sites, as a server does. */
  storeIn(settings: Settings): void
}

/** Settings that the user requests for an import. */
export interface RequestedSettings {
  /** IANA name of the time zone of hours and days. @default the stored one, or UTC */
  readonly timeZone?: string | undefined
  /** Name of this setting for messages. @default '--time-zone' */
  readonly timeZoneName?: string | undefined
  /** @default the rules of the last server */
  readonly configured?: ConfiguredRules | undefined
}

/**
 * Reads the rules of a site. A rule of the history that the configuration lacks has the stored value.
 * @throws {HistoryBoundsError} when retention or session gap of the configuration are out of their bounds
 */
export function readSiteRules(
  settings: Pick<Settings, 'get'>,
  site: string,
  configured?: ConfiguredRules,
): SiteRules {
  const overlay = overlaySettings(settings)
  const stored = rulesIn(overlay, site)
  const source = readExclusion(settings, site) === undefined ? 'defaults' : 'server'
  if (!configured) return { ...stored, source, changed: [] }
  resolveHistorySettings(overlay, configured.history)
  configured.storeIn(overlay)
  const rules = rulesIn(overlay, site)
  const changed = source === 'server' ? changedFields(stored, rules) : []
  return { ...rules, source: 'configuration', changed }
}

type Rules = Pick<SiteRules, 'addresses' | 'excluded' | 'history'>

function rulesIn(settings: Settings, site: string): Rules {
  return {
    addresses: readAddressRules(settings, site),
    excluded: readExclusion(settings, site) ?? [],
    history: resolveHistorySettings(settings, {}),
  }
}

function changedFields(before: Rules, after: Rules): string[] {
  const fieldsOf = ({ addresses, excluded, history }: Rules): [string, unknown][] => [
    ['pages', addresses.options?.pages],
    ['hostNames', addresses.options?.hostNames],
    ['exclude.addresses', excluded],
    ['history.retentionMs', history.retentionMs],
    ['history.sessionGapMs', history.sessionGapMs],
  ]
  const previous = new Map(fieldsOf(before))
  return fieldsOf(after).flatMap(([name, value]) =>
    isDeepStrictEqual(value, previous.get(name)) ? [] : [name],
  )
}

/** The settings of a data directory that concern an import. */
export interface DirectoryRules {
  readonly rules: SiteRules
  /** IANA name of the time zone of hours and days. */
  readonly timeZone: string
}

/**
 * Reads the rules of a data directory, also while a server has it open. A missing directory has the defaults.
 * @param path path of the database file
 * @throws {LogUnavailableError} when the file cannot be read
 * @throws {TimeZoneMismatchError} when the stored time zone differs from the requested one
 * @throws {HistoryBoundsError} when retention or session gap of the configuration are out of their bounds
 */
export function readDirectoryRules(
  path: string,
  site: string,
  { timeZone, timeZoneName, configured }: RequestedSettings = {},
): DirectoryRules {
  const read = (settings: Pick<Settings, 'get'>): DirectoryRules => ({
    rules: readSiteRules(settings, site, configured),
    timeZone: resolveImportTimeZone(settings, timeZone, timeZoneName),
  })
  if (!existsSync(path)) return read({ get: () => undefined })
  const database = openForReading(path)
  try {
    return read(database.settings)
  } finally {
    database.close()
  }
}

function openForReading(path: string): { settings: Pick<Settings, 'get'>; close(): void } {
  try {
    const database = new DatabaseSync(path, { readOnly: true, timeout: busyTimeoutMs })
    try {
      return { settings: createSqliteSettings(database), close: () => database.close() }
    } catch (error) {
      database.close()
      throw error
    }
  } catch (cause) {
    throw new LogUnavailableError(`The log ${path} cannot be read: ${messageOf(cause)}`, { cause })
  }
}
