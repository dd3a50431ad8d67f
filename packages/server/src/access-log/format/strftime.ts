import { monthOfName, startOfDate, zoneMinutes } from './parse-time.ts'

/** Parses the time of a log line to milliseconds since 1970. Returns `undefined` for text of another form. */
export type TimeParser = (text: string) => number | undefined

/** Conversions of `strftime`, each as a named group of a regular expression. */
const conversions: ReadonlyMap<string, string> = new Map([
  ['Y', '(?<year>\\d{4})'],
  ['y', '(?<shortYear>\\d{2})'],
  ['m', '(?<month>\\d{1,2})'],
  ['b', '(?<monthName>[A-Z][a-z]{2})'],
  ['h', '(?<monthName>[A-Z][a-z]{2})'],
  ['d', '(?<day>\\d{1,2})'],
  ['e', ' ?(?<day>\\d{1,2})'],
  ['H', '(?<hour>\\d{1,2})'],
  ['I', '(?<hour>\\d{1,2})'],
  ['p', '(?<half>[AP]M)'],
  ['M', '(?<minute>\\d{2})'],
  ['S', '(?<second>\\d{2}(?:[.,]\\d+)?)'],
  ['z', '(?<zone>[+-]\\d{2}:?\\d{2}|Z)'],
  ['Z', '(?<zoneName>[A-Za-z]{1,5})'],
  ['s', '(?<seconds>\\d{1,12})'],
  ['a', '[A-Za-z]{3}'],
  ['A', '[A-Za-z]+'],
])

const shorthands: ReadonlyMap<string, string> = new Map([
  ['T', '%H:%M:%S'],
  ['R', '%H:%M'],
  ['F', '%Y-%m-%d'],
  ['D', '%m/%d/%y'],
  ['n', '\n'],
  ['t', '\t'],
])

/** Names of UTC. Other names of zones are ambiguous: `IST` is India's, Ireland's and Israel's. */
const utcNames: ReadonlySet<string | undefined> = new Set([undefined, 'UTC', 'GMT', 'Z'])

/**
 * Compiles a time format of `strftime`, such as `%d/%b/%Y %H:%M:%S`. A time without a zone is in UTC.
 * @returns `undefined` for a format without date and time, or with a conversion that has no fixed meaning
 */
export function compileTime(format: string): TimeParser | undefined {
  const long = format.replace(/%([A-Za-z])/g, (text, name: string) => shorthands.get(name) ?? text)
  let isKnown = true
  const source = long.replace(/%(.)|[$()*+./?[\\\]^{|}-]/g, (text, name: string | undefined) => {
    if (name === undefined) return `\\${text}`
    if (name === '%') return '%'
    isKnown &&= conversions.has(name)
    return conversions.get(name) ?? ''
  })
  const names = [...source.matchAll(/\(\?<(\w+)>/g)].map(([, name]) => name ?? '')
  const has = (...wanted: string[]): boolean => wanted.some(name => names.includes(name))
  const hasDate = has('year', 'shortYear') && has('month', 'monthName') && has('day')
  const isComplete = has('seconds') || (hasDate && has('hour') && has('minute'))
  if (!isKnown || !isComplete || new Set(names).size < names.length) return undefined
  const pattern = new RegExp(`^${source}$`)
  return text => toTime(pattern.exec(text)?.groups)
}

function toTime(parts: Readonly<Record<string, string>> | undefined): number | undefined {
  if (!parts) return undefined
  const { seconds, shortYear, year = `20${shortYear}`, monthName = '', day = '' } = parts
  if (seconds !== undefined) return Number(seconds) * 1000
  const midnight = startOfDate(year, parts['month'] ?? monthOfName(monthName), day)
  const [hour, minute] = [hourOf(parts), Number(parts['minute'])]
  const second = Number((parts['second'] ?? '0').replace(',', '.'))
  const isTime = hour < 24 && minute < 60 && second < 61
  if (midnight === undefined || !isTime || !utcNames.has(parts['zoneName'])) return undefined
  const minutes = hour * 60 + minute - zoneMinutes(parts['zone'] ?? 'Z')
  return midnight + minutes * 60_000 + Math.round(second * 1000)
}

function hourOf({ hour, half }: Readonly<Record<string, string>>): number {
  if (half === undefined) return Number(hour)
  return (Number(hour) % 12) + (half === 'PM' ? 12 : 0)
}

/** Parses a time of ISO 8601: `2026-03-12T09:15:02.123+01:00`. A time without a zone is in UTC. */
export const parseIsoTime: TimeParser = text => {
  const match = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:[.,](\d{1,9}))?(Z|[+-]\d\d:?\d\d)?$/.exec(
    text,
  )
  if (!match) return undefined
  const [, date = '', time = '', fraction = '0', zone = 'Z'] = match
  const at = Date.parse(`${date}T${time}Z`)
  // `Date.parse` accepts February 30.
  if (Number.isNaN(at) || new Date(at).toISOString().slice(0, 10) !== date) return undefined
  return at + Math.floor(Number(`0.${fraction}`) * 1000) - zoneMinutes(zone) * 60_000
}

/** Returns a parser of times in units since 1970: 1 for milliseconds, 1000 for seconds, 0.001 for microseconds. */
export function epochTime(unitMs: number): TimeParser {
  return text => (/^\d{1,17}(?:\.\d+)?$/.test(text) ? Math.floor(Number(text) * unitMs) : undefined)
}
