import { BlockList, isIP } from 'node:net'
import { parseAddress } from '../../shared/address.ts'

/**
 * Returns the client of a request: an address, a host name, `undefined` when the log does not say it, or `invalid`.
 *
 * @param remote address of the connection; `undefined` when the format has none
 * @param forwarded list of forwarded addresses, the last hop at the end; `undefined` when the format has none
 */
export type ClientReader = (
  remote: string | undefined,
  forwarded: string | undefined,
) => string | undefined | typeof invalidClient

export const invalidClient: unique symbol = Symbol('invalid client')

export interface ClientReaderOptions {
  /** Whether the client may be a host name, as with Apache's `HostnameLookups`. */
  mayBeName: boolean
  trustedProxies: readonly string[]
}

/** Addresses of private networks and of the machine itself, which proxies have and clients on the internet do not. */
const privateBlocks = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10']
const localBlocks = ['127.0.0.0/8', '169.254.0.0/16', '::1/128', 'fc00::/7', 'fe80::/10']

const maxRemembered = 10_000

/**
 * Creates a reader of clients. Ports, brackets and other notations of one address give one client.
 *
 * With trusted proxies, the client is the last address that is not one of them, counted from the connection. Without,
 * the connection is the proxy's, and the client is the last forwarded address that is not private; without a
 * forwarded address, it is the connection's.
 *
 * @throws {TypeError} for a text that is neither an address nor a CIDR block
 */
export function createClientReader(options: ClientReaderOptions): ClientReader {
  const { mayBeName, trustedProxies } = options
  const isGiven = trustedProxies.length > 0
  const isProxy = toPredicate(isGiven ? trustedProxies : [...privateBlocks, ...localBlocks])
  const remembered = new Map<string, ReturnType<ClientReader>>()

  function readRemote(text: string): ReturnType<ClientReader> {
    if (remembered.has(text)) return remembered.get(text)
    if (remembered.size >= maxRemembered) remembered.clear()
    const client = parseClient(text, mayBeName)
    remembered.set(text, client)
    return client
  }

  function readForwarded(hops: readonly string[], remote: string | undefined): string | undefined {
    let client: string | undefined
    const path = isGiven && remote !== undefined ? [...hops, remote] : hops
    for (const hop of path.toReversed()) {
      const address = parseAddress(hop)
      // The sender may have invented everything before an invalid address.
      if (address === undefined) break
      client = address
      if (!isProxy(address)) break
    }
    return client
  }

  return (remote, forwarded) => {
    if (forwarded !== undefined && !isAbsent(forwarded)) {
      const client = readForwarded(forwarded.split(','), remote)
      if (client !== undefined) return client
    }
    if (remote !== undefined) return readRemote(remote)
    return forwarded === undefined || isAbsent(forwarded) ? undefined : invalidClient
  }
}

function parseClient(text: string, mayBeName: boolean): ReturnType<ClientReader> {
  if (isAbsent(text)) return undefined
  const address = parseAddress(text)
  if (address !== undefined) return address
  return mayBeName && /^[a-z\d](?:[\w.-]*[a-z\d])?$/i.test(text)
    ? text.toLowerCase()
    : invalidClient
}

function isAbsent(text: string): boolean {
  return text === '-' || text === '' || text === 'unknown' || text.startsWith('unix:')
}

function toPredicate(blocks: readonly string[]): (address: string) => boolean {
  const list = new BlockList()
  for (const block of blocks) addBlock(list, block)
  return address => list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')
}

function addBlock(list: BlockList, block: string): void {
  const [, address = '', prefix] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(block) ?? []
  const version = isIP(address)
  const maxLength = version === 6 ? 128 : 32
  const length = prefix === undefined ? maxLength : Number(prefix)
  if (version === 0 || length > maxLength) {
    throw new TypeError(
      `trusted proxy: ${JSON.stringify(block)} is not an address or a CIDR block; for example 10.0.0.0/8.`,
    )
  }
  list.addSubnet(address, length, version === 6 ? 'ipv6' : 'ipv4')
}

/** Matches each element's `for` of the header `Forwarded` (RFC 7239). */
const forParameter = /(?:^|[;,])\s*for=("(?:[^"\\]|\\.)*"|[^;,]*)/gi

/** Converts the header `Forwarded` to a list of addresses: `for=192.0.2.1;proto=https, for="[2001:db8::1]:80"`. */
export function toForwardedList(text: string): string {
  return Array.from(text.matchAll(forParameter), ([, node = '']) => node).join(',')
}
