import type { Device } from '@tidemark/protocol'
import Bowser from 'bowser'
import { isbot } from 'isbot'
import { LRUCache } from 'lru-cache'

/** What a `User-Agent` header says of who sent it. */
export interface UserAgent {
  readonly device: Device
  /** One of a fixed set of names, as people call them: `Chrome`, `Safari`; `(unknown)` for any other. */
  readonly browser: string
  /** One of a fixed set of names: `Windows`, `iOS`; `(unknown)` for any other. */
  readonly os: string
  /** It says that a program sent it, and no person. */
  readonly isBot: boolean
}

/** Longer than any browser's own; what follows is somebody's doing. */
const maxAgentLength = 512
const maxCachedAgents = 5000

const cache = new LRUCache<string, UserAgent>({ max: maxCachedAgents })

const unknown = '(unknown)'

const devices: ReadonlyMap<string, Device> = new Map([
  ['desktop', 'desktop'],
  ['mobile', 'mobile'],
  ['tablet', 'tablet'],
  ['tv', 'tv'],
  ['bot', 'bot'],
])

/**
 * The browsers there are, by Bowser's name. What it does not know it calls by a part of the agent,
 * which would let a sender make up as many browsers as it likes, so only names listed here are taken.
 */
const browsers: ReadonlyMap<string, string> = new Map([
  ...Object.values(Bowser.BROWSER_MAP).map(name => [name, name] as const),
  // Names that its map leaves out.
  ['Opera Touch', 'Opera Touch'],
  ['PlayStation 4', 'PlayStation 4'],
  ['SlimerJS', 'SlimerJS'],
  // Shorter, as people know them.
  ['Microsoft Edge', 'Edge'],
  ['Miui', 'MIUI Browser'],
  ['NAVER Whale Browser', 'Whale'],
  ['Samsung Internet for Android', 'Samsung Internet'],
])

const systems: ReadonlySet<string> = new Set(Object.values(Bowser.OS_MAP))

/** Reads a `User-Agent` header. Any text will do, and takes less than a millisecond. */
export function parseUserAgent(userAgent: string): UserAgent {
  const text = userAgent.length > maxAgentLength ? cut(userAgent) : userAgent
  const known = cache.get(text)
  if (known) return known
  const agent = parseAgent(text)
  cache.set(text, agent)
  return agent
}

/** A copy, as V8 keeps the whole of a text in memory for as long as there is a slice of it. */
function cut(userAgent: string): string {
  return Buffer.from(userAgent.slice(0, maxAgentLength), 'utf16le').toString('utf16le')
}

function parseAgent(text: string): UserAgent {
  // Bowser takes no empty text.
  if (text === '') return { device: 'other', browser: unknown, os: unknown, isBot: false }
  const parser = Bowser.getParser(text, true)
  const os = parser.getOSName()
  // Bowser knows Chrome OS and not what it runs on.
  const device =
    devices.get(parser.getPlatformType(true)) ?? (os === 'Chrome OS' ? 'desktop' : 'other')
  return {
    device,
    browser: browsers.get(parser.getBrowserName()) ?? unknown,
    os: systems.has(os) ? os : unknown,
    isBot: device === 'bot' || isbot(text),
  }
}
