import { inspect } from 'node:util'
import { memoizeLast } from '../shared/memoize-last.ts'
import { isLoopback } from '../shared/network.ts'

/** The connection of a request, as `node:net` reports it. */
export interface LocalConnection {
  readonly localAddress?: string | undefined
  readonly localPort?: number | undefined
  readonly remoteAddress?: string | undefined
}

/**
 * The accepted `Host` headers. They stop DNS rebinding: a page lets its own name point to this server, and the browser
 * then takes the server for a part of that page.
 */
export interface HostNames {
  /** Whether only listed names are accepted. */
  readonly isListed: boolean
  /**
   * Returns whether a request with a `Host` header may be answered. The port of the header and its letter case have no
   * meaning for listed names.
   * @param connection its addresses, for the rule without a list: see `isRebound`
   */
  accepts(host: string, connection?: LocalConnection): boolean
}

export interface HostNamesOptions {
  /** Names and IP literals. @default any, except a foreign name on loopback */
  hostNames?: readonly string[] | undefined
  /** Returns whether an address is that of a trusted proxy. */
  isProxy(address: string): boolean
}

interface Host {
  /** In lower case, without a final dot; an IPv6 literal in brackets. */
  readonly name: string
  readonly port: number | undefined
}

/** A name, an IPv4 literal or an IPv6 literal, and a port (RFC 9110, section 7.2). */
const hostFormat = /^(\[[\da-f:.]+\]|[\w.-]+)(?::(\d*))?$/i

/** Longest accepted header, in characters: a name of 253, a final dot and a port. */
const maxHostLength = 260

/** Port of a `Host` header that names none. */
const defaultPort = 80

/** @throws {TypeError} for an empty list, and a text that is not a host; the message names the field */
export function createHostNames({ hostNames, isProxy }: HostNamesOptions): HostNames {
  const names = hostNames && new Set(toNames(hostNames))
  return {
    isListed: names !== undefined,
    accepts(text, connection) {
      // Only HTTP/1.0 permits a request without the header, and no browser sends one.
      if (text === '') return names === undefined
      const host = parseHost(text)
      if (!host) return false
      if (names) return names.has(host.name)
      return !connection || !isRebound(host, connection, isProxy)
    },
  }
}

/**
 * Returns whether a page may have rebound its name to loopback. A browser that connects to this port itself sends its
 * number, while a proxy on this machine passes the number of the public port or a name of its own. A proxy on the same
 * port number must be trusted, or the name listed.
 */
function isRebound(
  { name, port = defaultPort }: Host,
  { localAddress = '', localPort, remoteAddress = '' }: LocalConnection,
  isProxy: (address: string) => boolean,
): boolean {
  if (isOfThisMachine(name) || port !== localPort || !isLoopback(localAddress)) return false
  return !isProxy(remoteAddress)
}

/** Returns whether no name server decides what a host means: a loopback name (RFC 6761, section 6.3), or a literal. */
function isOfThisMachine(name: string): boolean {
  if (name === 'localhost' || name.endsWith('.localhost')) return true
  return name.startsWith('[') || /^[\d.]+$/.test(name)
}

/** Memoized, because most requests name one host. */
const parseHost = memoizeLast((text: string): Host | undefined => {
  const match = text.length > maxHostLength ? null : hostFormat.exec(text)
  const [, host = '', port = ''] = match ?? []
  // The URL standard serializes every notation of an IP address in one form.
  const name = match && URL.parse(`http://${host}`)?.hostname.replace(/\.$/, '')
  return name ? { name, port: port === '' ? undefined : Number(port) } : undefined
})

/** Returns whether a text is a name or an IP literal without a port. */
export function isHostName(text: string): boolean {
  return toName(text) !== undefined
}

function toName(text: string): string | undefined {
  const host = text.endsWith(':') ? undefined : parseHost(text)
  return host?.port === undefined ? host?.name : undefined
}

function toNames(hostNames: unknown): string[] {
  if (!Array.isArray(hostNames) || hostNames.length === 0) {
    throw new TypeError(
      `hostNames: ${inspect(hostNames)} is not a list of host names. Use one, such as ['stats.example.com'], or leave \`hostNames\` out.`,
    )
  }
  return hostNames.map((text: unknown, index) => {
    const name = typeof text === 'string' ? toName(text) : undefined
    if (name !== undefined) return name
    throw new TypeError(
      `hostNames[${index}]: ${inspect(text)} is not a host name. Use a name or an IP address without scheme and port; for example stats.example.com or [::1].`,
    )
  })
}
