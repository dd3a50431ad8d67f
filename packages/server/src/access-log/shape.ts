import { isIP } from 'node:net'
import { parseAddress } from '../shared/address.ts'

/** Fields of a line that looks like Combined Log Format, which servers extend at three places. */
export interface Shape {
  /** Fields before the time. */
  head: Head
  /** Unquoted fields between the size and the referrer. */
  extras: number
  /** Whether referrer and user agent follow. */
  hasTail: boolean
  /** Fields after the user agent, with their delimiters. */
  more: readonly string[]
  referrer: string
  userAgent: string
}

/**
 * Form of the fields before the time:
 *
 * - `client`: `192.0.2.1 - -`. `host client`: `shop.example 192.0.2.1 - -`. `client host`: lighttpd's
 *   `192.0.2.1 shop.example -`. `forwarded`: `192.0.2.1, 10.0.0.1 - -`.
 * - `two clients`: `10.0.0.1 192.0.2.1 - -`. `no address`: `shop.example - -`.
 */
export type Head =
  | 'client'
  | 'host client'
  | 'host client user'
  | 'client host'
  | 'forwarded'
  | 'two clients'
  | 'no address'

const start =
  /^(.+?) \[\d{2}\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\] "((?:[^"\\]|\\.|"(?! ))*)" (?:\d{3}|-) (?:\d+|-)(?= |$)/

const token = /^ ("(?:[^"\\]|\\.|"(?! |$))*"(?= |$)|\[[^\]]*\](?= |$)|[^ "]+)/

/** Most fields after the size. */
const maxTokens = 64

/** Returns the shape of a line; `undefined` for a line that does not look like Combined Log Format. */
export function shapeOf(line: string): Shape | undefined {
  const match = start.exec(line)
  const head = match && headOf((match[1] ?? '').split(' '))
  if (!match || !head) return undefined
  const tokens = tokensOf(line.slice(match[0].length))
  if (!tokens) return undefined
  const firstQuoted = tokens.findIndex(text => text.startsWith('"'))
  const extras = firstQuoted < 0 ? tokens.length : firstQuoted
  const [referrer, userAgent, ...more] = tokens.slice(extras)
  if (referrer !== undefined && !userAgent?.startsWith('"')) return undefined
  return {
    head,
    extras,
    hasTail: referrer !== undefined,
    more,
    referrer: referrer?.slice(1, -1) ?? '',
    userAgent: userAgent?.slice(1, -1) ?? '',
  }
}

function headOf(words: readonly string[]): Head | undefined {
  const [first = '', second = '', third = ''] = words
  if (words.length < 2) return undefined
  if (first.endsWith(',') && isAddress(first.slice(0, -1))) return 'forwarded'
  if (isAddress(first)) {
    // An identity is hardly ever an address, and a name with a dot is lighttpd's host.
    if (isAddress(second)) return 'two clients'
    return words.length === 3 && isHostName(second) ? 'client host' : 'client'
  }
  if (isAddress(second)) return words.length > 3 ? 'host client' : 'host client user'
  if (words.length < 3) return undefined
  if (first === '-' && second === '-') return 'client'
  return isHostName(first) && second === '-' && third === '-' && words.length > 3
    ? 'host client'
    : 'no address'
}

function isAddress(text: string): boolean {
  return parseAddress(text) !== undefined
}

function isHostName(text: string): boolean {
  return /^[a-z\d-]+(?:\.[a-z\d-]+)+(?::\d{1,5})?$/i.test(text) && isIP(text) === 0
}

function tokensOf(text: string): string[] | undefined {
  const tokens: string[] = []
  let rest = text.trimEnd()
  while (rest !== '') {
    const [matched, value = ''] = token.exec(rest) ?? []
    if (matched === undefined || tokens.length === maxTokens) return undefined
    tokens.push(value)
    rest = rest.slice(matched.length)
  }
  return tokens
}

/** A proxy writes `unknown` for a client that it does not know. */
const isHop = (text: string): boolean => text.trim() === 'unknown' || isAddress(text)

/** Returns whether a quoted field has addresses, as that of `X-Forwarded-For`. */
export function isAddressList(text: string): boolean {
  return text.startsWith('"') && text.slice(1, -1).split(',').every(isHop)
}
