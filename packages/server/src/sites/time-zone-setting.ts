import type { Settings } from '../log/log.ts'

const settingName = 'time_zone'
const defaultZone = 'UTC'

/** Hours and days that were cut in one time zone, and are asked for in another. */
export class TimeZoneMismatchError extends Error {
  override name = 'TimeZoneMismatchError'
}

/**
 * The time zone of a server's hours and days, which is kept beside them: the one that is asked for, else the
 * one before, else UTC.
 * @throws {LogUnavailableError} when it is another one and cannot be kept
 */
export function resolveTimeZone(settings: Settings, wanted: string | undefined): string {
  const kept = settings.get(settingName)
  const name = wanted ?? kept ?? defaultZone
  if (name !== kept) settings.set(settingName, name)
  return name
}

/**
 * The same for whoever adds to a server's history, and may not change its time zone.
 * @throws {TimeZoneMismatchError} when another one is asked for than there is
 */
export function storeTimeZone(settings: Settings, wanted: string | undefined): string {
  const kept = settings.get(settingName)
  if (kept !== undefined && wanted !== undefined && wanted !== kept) {
    throw new TimeZoneMismatchError(
      `Hours and days begin in ${kept} there, and not in ${wanted}. Leave --time-zone out to take ${kept}; ` +
        `a server that is started with --time-zone ${wanted} changes it.`,
    )
  }
  return resolveTimeZone(settings, wanted)
}
