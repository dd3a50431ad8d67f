import { isIP } from 'node:net'
import { InvalidArgumentError } from 'commander'
import type { Scope } from '../guard/authorization.ts'
import { isSiteId } from '../guard/authorizer.ts'
import { type Goal, createGoals } from '../ingest/goals.ts'
import { createTimeZone } from '../rollup/history/time-zone.ts'

/**
 * The values of the command line. Each function gives back what it read, or throws commander's
 * `InvalidArgumentError`, whose message is printed after the name of the option.
 */

export function parseSite(text: string): string {
  if (isSiteId(text)) return text
  throw new InvalidArgumentError(
    'A site is named by at most 64 letters, digits and . _ -, and begins with a letter or digit.',
  )
}

export function parseScope(text: string): Scope {
  if (text === 'read' || text === 'write') return text
  throw new InvalidArgumentError('It takes read or write.')
}

/** A site, or `*` for all of them. */
export function parseSiteOrAll(text: string): string {
  return text === '*' ? text : parseSite(text)
}

/** For options that may be given more than once. */
export function collect<T>(parse: (text: string) => T): (text: string, before?: T[]) => T[] {
  return (text, before = []) => [...before, parse(text)]
}

export function parseSpeed(text: string): number {
  const speed = Number(text)
  if (text.trim() !== '' && Number.isFinite(speed) && speed > 0) return speed
  throw new InvalidArgumentError('It takes a number greater than 0, such as 1 or 3600.')
}

const durationUnitsMs = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** Ten thousand years would be more than a date can be. */
const maxDurationMs = 100 * 366 * durationUnitsMs.d

/** How long something lasts, in milliseconds: `90s`, `15m`, `12h`, `30d`, or `never` where it does not end. */
export function parseLifetime(text: string): number | 'never' {
  if (text === 'never') return text
  const durationMs = toDurationMs(text)
  if (durationMs !== undefined) return durationMs
  throw new InvalidArgumentError(`It takes ${durations}; or never.`)
}

export function parseDuration(text: string): number {
  const durationMs = toDurationMs(text)
  if (durationMs !== undefined) return durationMs
  throw new InvalidArgumentError(`It takes ${durations}.`)
}

/** How long something is kept, in milliseconds: `48h`, `90d`, or `ever`. */
export function parseRetention(text: string): number {
  const durationMs = text === 'ever' ? Infinity : toDurationMs(text)
  if (durationMs !== undefined) return durationMs
  throw new InvalidArgumentError(`It takes ${durations}; or ever.`)
}

const durations =
  'a whole number of s, m, h or d, such as 15m or 30d, of at least 1 and at most a hundred years'

function toDurationMs(text: string): number | undefined {
  const [, count = '', unit = ''] = /^(0|[1-9]\d{0,9})([smhd])$/.exec(text) ?? []
  const durationMs = Number(count) * (isDurationUnit(unit) ? durationUnitsMs[unit] : NaN)
  return durationMs > 0 && durationMs <= maxDurationMs ? durationMs : undefined
}

function isDurationUnit(text: string): text is keyof typeof durationUnitsMs {
  return Object.hasOwn(durationUnitsMs, text)
}

/** The end of the year 9999, as far as events may go. */
const maxTime = 253_402_300_799_999

/** Milliseconds since 1970, or a date of ISO 8601; without a zone it is in the machine's. */
export function parseTime(text: string): number {
  const isIso = /^\d{4}-\d\d-\d\d/.test(text)
  const time = /^\d{1,15}$/.test(text) ? Number(text) : isIso ? Date.parse(text) : NaN
  if (time >= 0 && time <= maxTime) return time
  throw new InvalidArgumentError(
    'It takes a time such as 2026-03-01T12:00:00Z, or milliseconds since 1970.',
  )
}

export function parseBaseUrl(text: string): URL {
  const url = parseHttpUrl(text)
  if (url && url.search === '' && url.hash === '') return url
  throw new InvalidArgumentError('It takes an address such as http://127.0.0.1:4711/api.')
}

export function parseOrigin(text: string): string {
  const url = parseHttpUrl(text)
  if (url && url.href === `${url.origin}/`) return url.origin
  throw new InvalidArgumentError('It takes a scheme and a host, such as https://shop.example.')
}

export function parsePort(text: string): number {
  const port = Number(text)
  if (/^\d+$/.test(text) && port <= 65_535) return port
  throw new InvalidArgumentError('It takes a number from 0 to 65535; 0 is any port that is free.')
}

function parseHttpUrl(text: string): URL | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined
  return url && (url.protocol === 'http:' || url.protocol === 'https:') ? url : undefined
}

/** An address, or a block of them as CIDR writes it: `10.0.0.0/8`. */
export function parseAddressBlock(text: string): string {
  const [address = '', prefix, ...rest] = text.split('/')
  const bits = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1
  const isPrefix = prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= bits)
  if (bits > 0 && isPrefix && rest.length === 0) return text
  throw new InvalidArgumentError('It takes an address or a block such as 10.0.0.0/8.')
}

/** RFC 9110, section 5.1: a header's name is a token. */
export function parseHeaderName(text: string): string {
  if (/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(text)) return text
  throw new InvalidArgumentError('It takes the name of a header, such as CF-IPCountry.')
}

/** A goal as `Name=event`, or as `Name=/path`, where a slash comes first. */
export function parseGoal(text: string): Goal {
  const [, name = '', what = ''] = /^(.*?)=(.*)$/s.exec(text) ?? []
  const goal = what.startsWith('/') ? { name, path: what } : { name, event: what }
  try {
    createGoals([goal])
    return goal
  } catch {
    throw new InvalidArgumentError(
      'It takes a name and an event or a path, such as "Signed up=sign_up" or "Read the docs=/docs/**".',
    )
  }
}

/** A name of the IANA database. */
export function parseTimeZone(text: string): string {
  try {
    createTimeZone(text)
    return text
  } catch {
    throw new InvalidArgumentError('It takes the IANA name of a time zone, such as Europe/Berlin.')
  }
}
