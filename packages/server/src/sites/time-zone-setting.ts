import type { Settings } from '../log/log.ts'

const settingName = 'time_zone'
const defaultZone = 'UTC'

/** An import requests another time zone than the stored one, at which hours and days already begin. */
export class TimeZoneMismatchError extends Error {
  override name = 'TimeZoneMismatchError'
}

/**
 * Resolves the time zone of hours and days: option, then stored value, then UTC. Stores it when it has changed.
 * @throws {LogUnavailableError} when a changed time zone cannot be stored
 */
export function resolveTimeZone(settings: Settings, requested: string | undefined): string {
  const stored = settings.get(settingName)
  const name = requested ?? stored ?? defaultZone
  if (name !== stored) settings.set(settingName, name)
  return name
}

/**
 * Resolves the time zone for an import: stored value, then option, then UTC. Stores nothing, so that an import without
 * page views leaves the time zone open; the import stores it with its first page views.
 * @throws {TimeZoneMismatchError} when another time zone is stored
 */
export function resolveImportTimeZone(
  settings: Pick<Settings, 'get'>,
  requested: string | undefined,
): string {
  const stored = settings.get(settingName)
  if (stored !== undefined && requested !== undefined && requested !== stored) {
    throw new TimeZoneMismatchError(
      `--time-zone: '${requested}' is not '${stored}', the time zone of the data directory. Leave --time-zone out; ` +
        `to change the time zone, start the server with --time-zone ${requested} first.`,
    )
  }
  return stored ?? requested ?? defaultZone
}
