import { windowMinutes } from '@tidemark/protocol'
import type { LiveOptions, StreamingTransport } from './types.ts'

/** What can be moved up to from polling, best first. */
export const allTransports: readonly StreamingTransport[] = ['websocket', 'sse', 'long-poll']

const address = 'an address by http or https, a relative one only in a page'

/** A timer of a longer delay fires at once: browsers and Node keep it in 32 bits, with a sign (HTML standard, timers). */
export const maxDelayMs = 2_147_483_647

/**
 * What TypeScript refuses is in JavaScript a mistake that would be seen nowhere, or by the server alone.
 * Whether `baseUrl` leads anywhere is seen where it is used, as it depends on the page.
 * @throws {TypeError} that names the option and says what it takes
 */
export function checkLiveOptions(options: Omit<LiveOptions, 'platform'>): void {
  const { baseUrl, siteId, minutes, pollIntervalMs, transports, token } = options
  if (typeof baseUrl !== 'string') refuse('baseUrl', address, baseUrl)
  if (typeof siteId !== 'string' || siteId === '') refuse('siteId', 'the id of a site', siteId)
  if (minutes !== undefined && !windowMinutes.includes(minutes)) {
    refuse('minutes', windowMinutes.join(', '), minutes)
  }
  if (pollIntervalMs !== undefined) checkPollInterval(pollIntervalMs)
  const known = new Set<unknown>(allTransports)
  if (
    transports !== undefined &&
    !(Array.isArray(transports) && transports.every(each => known.has(each)))
  ) {
    refuse('transports', `a list of ${allTransports.join(', ')}`, transports)
  }
  if (token !== undefined && typeof token !== 'string' && typeof token !== 'function') {
    refuse('token', 'text, or a function that gives it', token)
  }
}

/**
 * @param name what the interval is called where it was given
 * @throws {TypeError} for what a timer would take for no time at all
 */
export function checkPollInterval(pollIntervalMs: number, name = 'pollIntervalMs'): void {
  const isDelay = typeof pollIntervalMs === 'number' && pollIntervalMs > 0
  if (isDelay && pollIntervalMs <= maxDelayMs) return
  refuse(name, `milliseconds, more than 0 and at most ${maxDelayMs}`, pollIntervalMs)
}

/**
 * Where the site is: `https://stats.example.com/api/sites/shop`.
 * @param href what a relative address is relative to; `undefined` where there is no page
 * @throws {TypeError} for what is no address of a server
 */
export function toSiteUrl({ baseUrl, siteId }: LiveOptions, href: string | undefined): string {
  const url = parseUrl(baseUrl, href)
  // `localhost:4711/api` is an address too, of a scheme called `localhost`.
  if (!url?.protocol.startsWith('http')) return refuse('baseUrl', address, baseUrl)
  return `${url.href.replace(/\/+$/, '')}/sites/${encodeURIComponent(siteId)}`
}

function parseUrl(text: string, base: string | undefined): URL | undefined {
  try {
    return new URL(text, base)
  } catch {
    return undefined
  }
}

function refuse(name: string, takes: string, value: unknown): never {
  const given = typeof value === 'string' ? `"${value}"` : String(value)
  throw new TypeError(`\`${name}\` takes ${takes}, not ${given}.`)
}
