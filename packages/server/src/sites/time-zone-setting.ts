import type { Settings } from '../log/log.ts'

/** Name of the setting with the time zone of hours and days. */
export const timeZoneSetting = 'time_zone'
const defaultZone = 'UTC'

/** An import requests another time zone than the stored one, at which hours and days already begin. */
export class TimeZoneMismatchError extends Error {
  override name = 'TimeZoneMismatchError'
}

/**
 * Resolves the time zone of hours and days: option, then stored value, then UTC. Stores it when it has changed. If
 * the option is another name of the stored time zone, the stored name stays.
 * @throws {LogUnavailableError} when a changed time zone cannot be stored
 */
export function resolveTimeZone(settings: Settings, requested: string | undefined): string {
  const stored = settings.get(timeZoneSetting)
  if (stored !== undefined && (requested === undefined || isSameZone(requested, stored)))
    return stored
  const name = requested ?? defaultZone
  settings.set(timeZoneSetting, name)
  return name
}

/** Returns whether two names mean one time zone of the IANA database, such as `Asia/Calcutta` and `Asia/Kolkata`. */
function isSameZone(a: string, b: string): boolean {
  return a === b || toCanonicalZone(a) === toCanonicalZone(b)
}

/** Returns the name that the platform prefers. It depends on the version of Node, so it is compared and never stored. */
function toCanonicalZone(name: string): string {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone
  } catch {
    // `createTimeZone` reports an unknown name.
    return name
  }
}

/**
 * Resolves the time zone for an import: stored value, then option, then UTC. Stores nothing, so that an import without
 * page views leaves the time zone open; the import stores it with its first page views.
 * @param name name of the option, for the message
 * @throws {TimeZoneMismatchError} when another time zone is stored
 */
export function resolveImportTimeZone(
  settings: Pick<Settings, 'get'>,
  requested: string | undefined,
  name = '--time-zone',
): string {
  const stored = settings.get(timeZoneSetting)
  if (stored !== undefined && requested !== undefined && !isSameZone(requested, stored)) {
    throw new TimeZoneMismatchError(
      `${name}: '${requested}' is not '${stored}', the time zone of the data directory. Leave it out; ` +
        `to change the time zone, start the server with ${requested} first.`,
    )
  }
  return stored ?? requested ?? defaultZone
}
