import { isIP } from 'node:net'
import { type ChannelName, channelNames } from '@tidemark/protocol'
import { InvalidArgumentError } from 'commander'
import type { Scope } from '../guard/authorization.ts'
import { isSiteId, siteIdFormat } from '../guard/authorizer.ts'
import { type RatesOptions, isRateOption, rateOptionNames } from '../guard/rates.ts'
import { isHostName } from '../guard/host-names.ts'
import { type Goal, createGoals } from '../ingest/goals.ts'
import { anyQueryRules } from '../ingest/page-rules.ts'
import { createTimeZone } from '../rollup/history/time-zone.ts'
import { toDurationMs } from '../shared/duration.ts'
import { toPathPattern } from '../shared/path-pattern.ts'

/**
 * Parsers for option values of the command line. Each returns the parsed value or throws `InvalidArgumentError`.
 * Commander prints the option and the invalid value before the message.
 */

export function parseSite(text: string): string {
  if (isSiteId(text)) return text
  throw new InvalidArgumentError(`Use ${siteIdFormat}; for example my-site.`)
}

export function parseScope(text: string): Scope {
  if (text === 'read' || text === 'write') return text
  throw new InvalidArgumentError('Use read or write.')
}

/** Parses a site ID, or `*` for all sites. */
export function parseSiteOrAll(text: string): string {
  return text === '*' ? text : parseSite(text)
}

/** Returns a parser for a repeatable option, which collects the values in a list. */
export function collect<T>(
  parse: (text: string) => T,
): (text: string, previous?: [T, ...T[]]) => [T, ...T[]] {
  return (text, previous) => (previous ? [...previous, parse(text)] : [parse(text)])
}

/** Parses a count, of at least 1. */
export function parseCount(text: string): number {
  const count = Number(text)
  if (/^\d+$/.test(text) && Number.isSafeInteger(count) && count > 0) return count
  throw new InvalidArgumentError('Use a whole number greater than 0, for example 14.')
}

export function parseSpeed(text: string): number {
  const speed = Number(text)
  if (text.trim() !== '' && Number.isFinite(speed) && speed > 0) return speed
  throw new InvalidArgumentError('Use a number greater than 0, for example 1 or 3600.')
}

const durationFormat = 'a whole number with the unit s, m, h or d'

/** Parses a lifetime to milliseconds: `90s`, `15m`, `12h`, `30d`, or `never` for a lifetime without expiry. */
export function parseLifetime(text: string): number | 'never' {
  if (text === 'never') return text
  const durationMs = toDurationMs(text)
  if (durationMs !== undefined) return durationMs
  throw new InvalidArgumentError(
    `Use ${durationFormat}, from 1s to 100 years, for example 15m or 30d, or never.`,
  )
}

/** Parses a session gap to milliseconds. The server checks the range. */
export function parseSessionGap(text: string): number {
  const durationMs = toDurationMs(text)
  if (durationMs !== undefined) return durationMs
  throw new InvalidArgumentError(`Use ${durationFormat}, from 1m to 1d, for example 30m.`)
}

/** Parses a retention to milliseconds: `48h`, `90d`, or `forever`. The server checks the range. */
export function parseRetention(text: string): number {
  const durationMs = text === 'forever' ? Infinity : toDurationMs(text)
  if (durationMs !== undefined) return durationMs
  throw new InvalidArgumentError(`Use ${durationFormat}, for example 48h or 90d, or forever.`)
}

/** End of the year 9999, the latest time of an event. */
const maxTime = 253_402_300_799_999

/** Parses milliseconds since 1970, or an ISO 8601 date. A date without a time zone is in the machine's zone. */
export function parseTime(text: string): number {
  const isIso = /^\d{4}-\d\d-\d\d/.test(text)
  const time = /^\d{1,15}$/.test(text) ? Number(text) : isIso ? Date.parse(text) : NaN
  if (time >= 0 && time <= maxTime) return time
  throw new InvalidArgumentError(
    'Use an ISO 8601 time such as 2026-03-01T12:00:00Z, or milliseconds since 1970.',
  )
}

export function parseBaseUrl(text: string): URL {
  const url = parseHttpUrl(text)
  if (url && url.search === '' && url.hash === '') return url
  throw new InvalidArgumentError('Use a URL without a query, such as http://127.0.0.1:4711/api.')
}

export function parseOrigin(text: string): string {
  const url = parseHttpUrl(text)
  if (url && url.href === `${url.origin}/`) return url.origin
  throw new InvalidArgumentError('Use a scheme and a host, such as https://shop.example.')
}

/** Parses a name or an IP address, as in a `Host` header without a port. */
export function parseHostName(text: string): string {
  if (isHostName(text)) return text
  throw new InvalidArgumentError(
    'Use a name or an IP address without scheme and port, such as stats.example.com or [::1].',
  )
}

/** Parses a rate limit: `NAME=NUMBER`, such as `eventsPerSecondPerSite=50000`, or `NAME=none` for no limit. */
export function parseRate(text: string): RatesOptions {
  const [, name = '', value = ''] = /^(\w+)=(none|\d+(?:\.\d+)?)$/.exec(text) ?? []
  const number = value === 'none' ? Infinity : Number(value)
  if (isRateOption(name) && number > 0) return { [name]: number }
  throw new InvalidArgumentError(
    `Use NAME=NUMBER with a number above 0, or NAME=none. Names are ${rateOptionNames.join(', ')}.`,
  )
}

export function parsePort(text: string): number {
  const port = Number(text)
  if (/^\d+$/.test(text) && port <= 65_535) return port
  throw new InvalidArgumentError('Use a number from 0 to 65535; 0 picks a free port.')
}

function parseHttpUrl(text: string): URL | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined
  return url && (url.protocol === 'http:' || url.protocol === 'https:') ? url : undefined
}

/** Parses an IP address or a CIDR block such as `10.0.0.0/8`. */
export function parseAddressBlock(text: string): string {
  const [address = '', prefix, ...rest] = text.split('/')
  const bits = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1
  const isPrefix = prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= bits)
  if (bits > 0 && isPrefix && rest.length === 0) return text
  throw new InvalidArgumentError('Use an IP address or a CIDR block, such as 10.0.0.0/8.')
}

/** Parses a header name, which is a token (RFC 9110, section 5.1). */
export function parseHeaderName(text: string): string {
  if (/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(text)) return text
  throw new InvalidArgumentError('Use a header name, such as CF-IPCountry.')
}

/** Parses a goal: `NAME=EVENT`, or `NAME=/path` when the target starts with a slash or two stars. */
export function parseGoal(text: string): Goal {
  const [, name = '', target = ''] = /^(.*?)=(.*)$/s.exec(text) ?? []
  const isPath = isPathPattern(target)
  if (!isPath && /[*/]/.test(target)) {
    const path = parseHttpUrl(target)?.pathname ?? `/${target}`
    throw new InvalidArgumentError(`A path starts with /: '${name}=${path}'.`)
  }
  const goal: Goal = isPath ? { name, path: target } : { name, event: target }
  try {
    createGoals([goal], anyQueryRules)
    return goal
  } catch (error) {
    const format =
      "Use NAME=EVENT or NAME=/path, for example 'Signed up=sign_up' or 'Read the docs=/docs/**'."
    const isWellFormed = name !== '' && target !== '' && error instanceof TypeError
    throw new InvalidArgumentError(isWellFormed ? error.message : format)
  }
}

function isPathPattern(text: string): text is NonNullable<Goal['path']> {
  return text.startsWith('/') || text.startsWith('**')
}

/** Parses an IANA time zone name. */
export function parseTimeZone(text: string): string {
  try {
    createTimeZone(text)
    return text
  } catch {
    throw new InvalidArgumentError('Use an IANA time zone, such as Europe/Berlin.')
  }
}

/** Parses the name of a channel. */
export function parseChannel(text: string): ChannelName {
  const channel = channelNames.find(name => name === text)
  if (channel) return channel
  throw new InvalidArgumentError(`Use one of ${channelNames.join(', ')}.`)
}

/** Parses a pattern of pages. */
export function parsePagePattern(text: string): string {
  try {
    return toPathPattern(text)
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    throw new InvalidArgumentError(`The pattern ${error.message}. Use one such as '/products/**'.`)
  }
}
