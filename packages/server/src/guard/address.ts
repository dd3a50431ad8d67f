import { BlockList, isIP } from 'node:net'
import { parseAddress } from '../shared/address.ts'

/** The trusted proxies in front of a server. */
export interface TrustedProxies {
  /**
   * Returns the address of the client. Reads the hops from the last one, as far as trusted proxies wrote them: to the
   * first address that is not one of them.
   */
  addressOf(peerAddress: string, hops: readonly string[]): string
  /** Returns whether headers of a peer are trusted. Without configured proxies, those of every peer are. */
  isTrusted(peerAddress: string): boolean
  /** Returns whether an address is one of the configured proxies. */
  isProxy(address: string): boolean
}

/**
 * @param trusted addresses and CIDR blocks of proxies
 * @throws {TypeError} for a text that is neither an address nor a CIDR block
 */
export function createTrustedProxies(trusted: readonly string[]): TrustedProxies {
  const proxies = new BlockList()
  for (const block of trusted) addBlock(proxies, block)
  const isProxy = (address: string): boolean =>
    isIP(address) !== 0 && proxies.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')

  if (trusted.length === 0) {
    return { addressOf: canonical, isTrusted: () => true, isProxy: () => false }
  }
  return {
    isTrusted: peerAddress => isProxy(canonical(peerAddress)),
    isProxy: address => isProxy(canonical(address)),
    addressOf(peerAddress, hops) {
      let address = canonical(peerAddress)
      for (const hop of hops.toReversed()) {
        if (!isProxy(address)) break
        const previous = parseAddress(hop)
        // The sender may have invented everything before an invalid address.
        if (previous === undefined) break
        address = previous
      }
      return address
    },
  }
}

/** @throws {TypeError} for a text that is neither an address nor a CIDR block */
function addBlock(list: BlockList, block: string): void {
  const [, address = '', prefix] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(block) ?? []
  const version = isIP(address)
  const maxLength = version === 6 ? 128 : 32
  const length = prefix === undefined ? maxLength : Number(prefix)
  if (version === 0 || length > maxLength) {
    throw new TypeError(
      `proxy.trusted: ${JSON.stringify(block)} is not an address or a CIDR block; for example 10.0.0.0/8.`,
    )
  }
  list.addSubnet(address, length, version === 6 ? 'ipv6' : 'ipv4')
}

/** Returns the canonical text of an address; an empty text for an unknown one. */
function canonical(address: string): string {
  return parseAddress(address) ?? ''
}
