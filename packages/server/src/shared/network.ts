import { isIPv6 } from 'node:net'

/**
 * Returns the network of a client's address, the unit of limits: the address, or the /64 of an IPv6 address. Returns
 * `undefined` for an unknown or a loopback address, which is not limited: a proxy on the same machine uses it.
 */
export function networkOf(address: string): string | undefined {
  if (address === '' || address === '::1' || address.startsWith('127.')) return undefined
  if (!isIPv6(address)) return address
  // The URL standard serializes every notation of an IPv6 address in one form.
  const [head = '', tail = ''] = new URL(`http://[${address.replace(/%.*$/, '')}]`).hostname
    .slice(1, -1)
    .split('::')
  const [before, after] = [head, tail].map(part => (part === '' ? [] : part.split(':')))
  const zeros = Array.from({ length: 8 - (before?.length ?? 0) - (after?.length ?? 0) }, () => '0')
  return [...(before ?? []), ...zeros, ...(after ?? [])].slice(0, 4).join(':')
}
