import { BlockList, isIP } from 'node:net'

/**
 * The address that a request comes from. `X-Forwarded-For` counts only as far as it was written by a
 * trusted proxy: from its end backwards to the first address that is not one of them.
 */
export type AddressOf = (socketAddress: string, forwardedFor: string | undefined) => string

/** What stands in front of a server. */
export interface Proxies {
  readonly addressOf: AddressOf
  /** Whether the headers of a request are what a proxy says: where none is known by its address, those of all are taken for that. */
  mayTell(socketAddress: string): boolean
}

/**
 * @param trusted addresses and CIDR blocks of the proxies in front of this server
 * @throws {TypeError} for what is neither
 */
export function createProxies(trusted: readonly string[]): Proxies {
  const proxies = new BlockList()
  for (const entry of trusted) addBlock(proxies, entry)
  const isTrusted = (address: string): boolean =>
    isIP(address) !== 0 && proxies.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')

  if (trusted.length === 0) return { addressOf: unmapped, mayTell: () => true }
  return {
    mayTell: socketAddress => isTrusted(unmapped(socketAddress)),
    addressOf(socketAddress, forwardedFor) {
      const hops = (forwardedFor ?? '').split(',').map(hop => unmapped(hop.trim()))
      let address = unmapped(socketAddress)
      while (isTrusted(address)) {
        const before = hops.pop()
        // What is no address ends the way back: all before it may be the sender's own invention.
        if (before === undefined || isIP(before) === 0) break
        address = before
      }
      return address
    },
  }
}

/** @throws {TypeError} for what is neither an address nor a CIDR block */
function addBlock(list: BlockList, entry: string): void {
  const [, address = '', prefix] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(entry) ?? []
  const version = isIP(address)
  const longest = version === 6 ? 128 : 32
  const length = prefix === undefined ? longest : Number(prefix)
  if (version === 0 || length > longest) {
    throw new TypeError(`Not an address or a CIDR block: ${entry}`)
  }
  list.addSubnet(address, length, version === 6 ? 'ipv6' : 'ipv4')
}

/** An IPv4 address that a dual-stack socket reports as `::ffff:192.0.2.1`. */
function unmapped(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '')
}
