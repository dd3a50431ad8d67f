import type { Device } from '@tidemark/protocol'
import { LRUCache } from 'lru-cache'
import { botOf } from './bots.ts'
import { browserOf } from './browser.ts'
import {
  type ClientHints,
  brandOf,
  deviceOfHints,
  keyOfHints,
  systemOfHints,
  toHintText,
} from './client-hints.ts'
import { type Platform, hasVersions, platformOf } from './platform.ts'

/** The device, browser and operating system that the headers of a request name, and the program if it is a bot. */
export interface UserAgent {
  readonly device: Device
  /** Common name from a fixed set, such as `Chrome` or `Instagram`; `(unknown)` for any other. */
  readonly browser: string
  /** Browser with its major version, such as `Chrome 142`; `(unknown)` or `Chrome (unknown)` without one. */
  readonly browserVersion: string
  /** Name from a fixed set, such as `Windows` or `iOS`; `(unknown)` for any other. */
  readonly os: string
  /** System with its version, such as `Windows 11`; `Windows (unknown)` if the headers do not tell it. */
  readonly osVersion: string
  /** Name of the program, such as `Googlebot` or `curl`; `undefined` for a person's browser or app. */
  readonly bot: string | undefined
  /** Whether the program is an HTTP library or command, which may send events on purpose. */
  readonly isHttpClient: boolean
}

/** Facts beside the `User-Agent` header: client hints, and touch points that the tracker reports. */
export interface UserAgentFacts {
  readonly hints?: ClientHints | undefined
  /** Touch points of the screen. With more than one, a Mac's user agent is an iPad's. */
  readonly touch?: number | undefined
}

/** Characters of a header that are parsed. No browser sends a longer header. */
const maxHeaderLength = 512
const maxCachedHeaders = 5000

const cache = new LRUCache<string, UserAgent>({ max: maxCachedHeaders })

const unknown = '(unknown)'
const noFacts: UserAgentFacts = {}

/** Parses a `User-Agent` header. Any text is valid and takes less than a millisecond. */
export function parseUserAgent(
  userAgent: string,
  { hints, touch = 0 }: UserAgentFacts = noFacts,
): UserAgent {
  const text = userAgent.length > maxHeaderLength ? truncate(userAgent) : userAgent
  const hasTouch = touch > 1
  const key = hints || hasTouch ? `${text}\n${hasTouch}\n${hints ? keyOfHints(hints) : ''}` : text
  const known = cache.get(key)
  if (known) return known
  const parsed = parse(text, hasTouch, hints)
  cache.set(key, parsed)
  return parsed
}

/** Returns the start of a header as a copy, because a slice would keep the whole text in memory. */
function truncate(userAgent: string): string {
  return Buffer.from(userAgent.slice(0, maxHeaderLength), 'utf16le').toString('utf16le')
}

function parse(text: string, hasTouch: boolean, hints: ClientHints | undefined): UserAgent {
  const brand = hints && brandOf(hints)
  const bot = brand?.name === headless ? { name: headless, isHttpClient: false } : botOf(text)
  const { device, os, osVersion } = platformWithHints(text, hasTouch, hints)
  const browser = browserWithBrand(text, brand)
  return {
    device: bot && !bot.isHttpClient ? 'bot' : device,
    browser: browser.name ?? unknown,
    browserVersion: nameVersion(browser.name, browser.version),
    os: os ?? unknown,
    osVersion: os !== undefined && !hasVersions(os) ? os : nameVersion(os, osVersion),
    bot: bot?.name,
    isHttpClient: bot?.isHttpClient ?? false,
  }
}

const headless = 'HeadlessChrome'

/** Returns a name with its version, such as `Chrome 142`. */
function nameVersion(name: string | undefined, version: string | undefined): string {
  return name === undefined ? unknown : `${name} ${version ?? unknown}`
}

/** A brand is more exact than the user agent, which calls many browsers Chrome. A name of an app is more exact still. */
function browserWithBrand(
  text: string,
  brand: ReturnType<typeof brandOf>,
): ReturnType<typeof browserOf> {
  const browser = browserOf(text)
  if (!brand || brand.name === headless) return browser
  const isPlain = browser.name === undefined || plainBrowsers.has(browser.name)
  if (isPlain || browser.name === brand.name) return brand
  return browser
}

const plainBrowsers: ReadonlySet<string> = new Set([
  ...['Chrome', 'Chromium', 'Android Browser', 'Android WebView', 'Safari'],
])

/** Systems that hints do not name: their browsers send the name of another system. */
const unhintedSystems: ReadonlySet<string> = new Set([
  ...['HarmonyOS', 'KaiOS', 'Nintendo', 'PlayStation', 'Tizen', 'Xbox', 'iOS', 'webOS'],
])

function platformWithHints(
  text: string,
  hasTouch: boolean,
  hints: ClientHints | undefined,
): Platform {
  const model = toHintText(hints?.model)
  const platform = platformOf(model ? `${text} ${model}` : text, hasTouch)
  if (!hints || unhintedSystems.has(platform.os ?? '')) return platform
  const system = systemOfHints(hints)
  const device = deviceOfHints(hints, system?.os, platform.device)
  if (!system || (platform.device === 'headset' && system.os === 'Linux'))
    return { ...platform, device }
  const osVersion = system.osVersion ?? (system.os === platform.os ? platform.osVersion : undefined)
  return { device, os: system.os, osVersion }
}
