import { parseAddress } from '../shared/address.ts'
import { createAddressList } from '../shared/address-list.ts'

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
  const { has: isProxy } = createAddressList(trusted, 'proxy.trusted')

  if (trusted.length === 0) {
    return { addressOf: canonical, isTrusted: () => true, isProxy: () => false }
  }
  return {
    isTrusted: isProxy,
    isProxy,
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

/** Returns the canonical text of an address; an empty text for an unknown one. */
function canonical(address: string): string {
  return parseAddress(address) ?? ''
}
