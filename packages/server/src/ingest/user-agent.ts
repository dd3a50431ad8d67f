import type { Device } from '@tidemark/protocol'
import Bowser from 'bowser'
import { isbot } from 'isbot'
import { LRUCache } from 'lru-cache'

/** The device, browser and operating system that a `User-Agent` header names. */
export interface UserAgent {
  readonly device: Device
  /** Common name from a fixed set, such as `Chrome` or `Safari`; `(unknown)` for any other. */
  readonly browser: string
  /** Name from a fixed set, such as `Windows` or `iOS`; `(unknown)` for any other. */
  readonly os: string
  /** Whether the header names a program, not a person's browser. */
  readonly isBot: boolean
}

/** Characters of a header that are parsed. No browser sends a longer header. */
const maxHeaderLength = 512
const maxCachedHeaders = 5000

const cache = new LRUCache<string, UserAgent>({ max: maxCachedHeaders })

const unknown = '(unknown)'

const devices: ReadonlyMap<string, Device> = new Map([
  ['desktop', 'desktop'],
  ['mobile', 'mobile'],
  ['tablet', 'tablet'],
  ['tv', 'tv'],
  ['bot', 'bot'],
])

/**
 * Browser names by Bowser's name. Bowser returns a part of the header for an unknown browser, so without this list
 * senders could invent any number of browser names.
 */
const browsers: ReadonlyMap<string, string> = new Map([
  ...Object.values(Bowser.BROWSER_MAP).map(name => [name, name] as const),
  // Names that Bowser returns but does not list.
  ['Opera Touch', 'Opera Touch'],
  ['PlayStation 4', 'PlayStation 4'],
  ['SlimerJS', 'SlimerJS'],
  // Names that users know instead of Bowser's.
  ['Microsoft Edge', 'Edge'],
  ['Miui', 'MIUI Browser'],
  ['NAVER Whale Browser', 'Whale'],
  ['Samsung Internet for Android', 'Samsung Internet'],
])

const systems: ReadonlySet<string> = new Set(Object.values(Bowser.OS_MAP))

/** Parses a `User-Agent` header. Any text is valid and takes less than a millisecond. */
export function parseUserAgent(userAgent: string): UserAgent {
  const text = userAgent.length > maxHeaderLength ? truncate(userAgent) : userAgent
  const known = cache.get(text)
  if (known) return known
  const parsed = parse(text)
  cache.set(text, parsed)
  return parsed
}

/** Returns the start of a header as a copy, because a slice would keep the whole text in memory. */
function truncate(userAgent: string): string {
  return Buffer.from(userAgent.slice(0, maxHeaderLength), 'utf16le').toString('utf16le')
}

function parse(text: string): UserAgent {
  // Bowser throws for an empty text.
  if (text === '') return { device: 'other', browser: unknown, os: unknown, isBot: false }
  const parser = Bowser.getParser(text, true)
  const os = parser.getOSName()
  // Bowser has no device type for Chrome OS.
  const device =
    devices.get(parser.getPlatformType(true)) ?? (os === 'Chrome OS' ? 'desktop' : 'other')
  return {
    device,
    browser: browsers.get(parser.getBrowserName()) ?? unknown,
    os: systems.has(os) ? os : unknown,
    isBot: device === 'bot' || isbot(text),
  }
}
