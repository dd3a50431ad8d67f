import { isIPv6 } from 'node:net'
import { parseAddress } from './address.ts'

/** Counts by network, the unit of limits: an IPv4 address, or the first 64 bits of an IPv6 address. */
export interface NetworkCounts {
  /** Returns 0 for an address without a limit: an unknown one, and loopback, which a proxy on the machine uses. */
  countOf(address: string): number
  /** Counts one more until the returned function is called. */
  add(address: string): () => void
}

export function createNetworkCounts(): NetworkCounts {
  const counts = new Map<string, number>()

  function change(network: string, by: number): void {
    const count = (counts.get(network) ?? 0) + by
    if (count > 0) counts.set(network, count)
    else counts.delete(network)
  }

  return {
    countOf(address) {
      const network = networkOf(address)
      return network === undefined ? 0 : (counts.get(network) ?? 0)
    },
    add(address) {
      const network = networkOf(address)
      if (network === undefined) return () => {}
      let isCounted = true
      change(network, 1)
      return () => {
        if (isCounted) change(network, -1)
        isCounted = false
      }
    },
  }
}

/** Returns whether an address is one of the machine itself, also in the IPv6 notation of a dual-stack socket. */
export function isLoopback(address: string): boolean {
  return isLoopbackText(parseAddress(address) ?? '')
}

/** @param address canonical text of an address */
function isLoopbackText(address: string): boolean {
  return address === '::1' || address.startsWith('127.')
}

/** Returns the network of an address; `undefined` for an unlimited address. */
export function networkOf(address: string): string | undefined {
  const parsed = parseAddress(address)
  if (parsed === undefined || isLoopbackText(parsed)) return undefined
  if (!isIPv6(parsed)) return parsed
  const [head = '', tail = ''] = parsed.split('::')
  const [before, after] = [head, tail].map(part => (part === '' ? [] : part.split(':')))
  const zeros = Array.from({ length: 8 - (before?.length ?? 0) - (after?.length ?? 0) }, () => '0')
  return [...(before ?? []), ...zeros, ...(after ?? [])].slice(0, 4).join(':')
}
