import { windowMinutes } from '@tidemark/protocol'
import { type LiveOptions, streamingTransports } from './types.ts'

const urlRule = 'an http or https URL; a relative URL works only in a page'

/**
 * Longest timer, in milliseconds. Browsers and Node store delays as signed 32-bit integers and fire longer ones
 * immediately (HTML standard, timers).
 */
export const maxTimerMs = 2_147_483_647

/**
 * Checks options that come from JavaScript, where no types are checked. `toSiteUrl` checks the URL itself.
 * @throws {TypeError} naming the option, its value and the allowed values
 */
export function checkLiveOptions(options: Omit<LiveOptions, 'platform'>): void {
  const { baseUrl, siteId, minutes, pollIntervalMs, transports, token } = options
  if (typeof baseUrl !== 'string') throwInvalid('baseUrl', baseUrl, urlRule)
  if (typeof siteId !== 'string' || siteId === '') {
    throwInvalid('siteId', siteId, "the ID of a site; for example 'my-site'")
  }
  if (minutes !== undefined && !windowMinutes.includes(minutes)) {
    throwInvalid('minutes', minutes, `one of ${windowMinutes.join(', ')}`)
  }
  if (pollIntervalMs !== undefined) checkPollInterval(pollIntervalMs)
  const known = new Set<unknown>(streamingTransports)
  if (
    transports !== undefined &&
    !(Array.isArray(transports) && transports.every(each => known.has(each)))
  ) {
    throwInvalid('transports', transports, `a list of ${streamingTransports.join(', ')}`)
  }
  if (token !== undefined && typeof token !== 'string' && typeof token !== 'function') {
    throwInvalid('token', token, 'a string or a function that returns one')
  }
}

/**
 * Checks an interval between polls.
 * @param name name of the option in the error message
 * @throws {TypeError} for an interval that a timer cannot wait
 */
export function checkPollInterval(pollIntervalMs: number, name = 'pollIntervalMs'): void {
  const isPositive = typeof pollIntervalMs === 'number' && pollIntervalMs > 0
  if (isPositive && pollIntervalMs <= maxTimerMs) return
  throwInvalid(name, pollIntervalMs, `a number of milliseconds above 0 and at most ${maxTimerMs}`)
}

/**
 * Returns the URL of the site: `https://stats.example.com/api/sites/shop`.
 * @param href URL against which a relative `baseUrl` is resolved; `undefined` outside a page
 * @throws {TypeError} for a `baseUrl` that is not an http or https URL
 */
export function toSiteUrl({ baseUrl, siteId }: LiveOptions, href: string | undefined): string {
  const url = parseUrl(baseUrl, href)
  // `localhost:4711/api` parses as a URL with the scheme `localhost`.
  if (!url?.protocol.startsWith('http')) return throwInvalid('baseUrl', baseUrl, urlRule)
  return `${url.href.replace(/\/+$/, '')}/sites/${encodeURIComponent(siteId)}`
}

function parseUrl(text: string, base: string | undefined): URL | undefined {
  try {
    return new URL(text, base)
  } catch {
    return undefined
  }
}

function throwInvalid(name: string, value: unknown, expected: string): never {
  const shown = typeof value === 'string' ? `'${value}'` : String(value)
  throw new TypeError(`${name}: ${shown} is not ${expected}.`)
}
