import { existsSync } from 'node:fs'
import type { AddressRules } from '../ingest/address-rules.ts'
import { DatabaseSync } from '../log/node-sqlite.ts'
import { LogUnavailableError, type Settings } from '../log/log.ts'
import { busyTimeoutMs } from '../log/sqlite-database.ts'
import { createSqliteSettings } from '../log/sqlite-settings.ts'
import type { BounceRule } from '../rollup/table/visit.ts'
import { messageOf } from '../shared/error-message.ts'
import { readAddressRules } from '../sites/address-setting.ts'
import { readBounceRule } from '../sites/bounce-setting.ts'
import { readExclusion } from '../sites/exclude-setting.ts'
import { resolveImportTimeZone } from '../sites/time-zone-setting.ts'

/** Rules of a site that the last server on a data directory had. */
export interface SiteRules {
  /** @default any host, and pages by their path */
  readonly addresses: AddressRules
  /** Addresses and CIDR blocks whose requests do not count. @default none */
  readonly excluded: readonly string[]
  /** Sessions that count as bounces; `undefined` for the rule of the data directory. */
  readonly bounce: BounceRule | undefined
  /** Whether a server has stored its rules. */
  readonly isStored: boolean
}

export function readSiteRules(settings: Pick<Settings, 'get'>, site: string): SiteRules {
  const excluded = readExclusion(settings, site)
  return {
    addresses: readAddressRules(settings, site),
    excluded: excluded ?? [],
    bounce: readBounceRule(settings, site),
    isStored: excluded !== undefined,
  }
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
 * @param timeZone the required IANA time zone; `undefined` uses the stored one, or UTC
 * @throws {LogUnavailableError} when the file cannot be read
 * @throws {TimeZoneMismatchError} when the stored time zone differs from the required one
 */
export function readDirectoryRules(
  path: string,
  site: string,
  timeZone: string | undefined,
): DirectoryRules {
  const read = (settings: Pick<Settings, 'get'>): DirectoryRules => ({
    rules: readSiteRules(settings, site),
    timeZone: resolveImportTimeZone(settings, timeZone),
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
