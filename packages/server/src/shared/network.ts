import { isIPv6 } from 'node:net'

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
  const unmapped = toIPv4(address)
  return unmapped === '::1' || unmapped.startsWith('127.')
}

/** Converts `::ffff:192.0.2.1`, as dual-stack sockets report IPv4 addresses, to `192.0.2.1`. */
function toIPv4(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '')
}

/** Returns the network of an address; `undefined` for an unlimited address. */
export function networkOf(address: string): string | undefined {
  const unmapped = toIPv4(address)
  if (unmapped === '' || isLoopback(unmapped)) return undefined
  if (!isIPv6(unmapped)) return unmapped
  // The URL standard serializes every notation of an IPv6 address in one form.
  const [head = '', tail = ''] = new URL(`http://[${unmapped.replace(/%.*$/, '')}]`).hostname
    .slice(1, -1)
    .split('::')
  const [before, after] = [head, tail].map(part => (part === '' ? [] : part.split(':')))
  const zeros = Array.from({ length: 8 - (before?.length ?? 0) - (after?.length ?? 0) }, () => '0')
  return [...(before ?? []), ...zeros, ...(after ?? [])].slice(0, 4).join(':')
}
