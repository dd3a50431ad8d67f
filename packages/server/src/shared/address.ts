import { isIPv4, isIPv6 } from 'node:net'

/** RFC 4291, section 2.5.5.2: the form in which the URL standard writes an IPv4-mapped address. */
const mapped = /^::ffff:([\da-f]{1,4}):([\da-f]{1,4})$/

/** An address in quotes or brackets (RFC 7239, section 6), each with or without a port. */
const node = /^"?(?:\[([^\]]*)\]|([^:"]+)|([^"]*))(?::\d{1,5})?"?$/

/**
 * Parses the IP address of a client or proxy, with or without a port: `192.0.2.1`, `192.0.2.1:4711`, `2001:db8::1`,
 * `[2001:db8::1]:443`. Returns one text for all notations of an address, as in RFC 5952, and IPv4 for an IPv4-mapped
 * address. Returns `undefined` for any other text, such as `unknown`.
 */
export function parseAddress(text: string): string | undefined {
  // Most addresses, and fast.
  if (isIPv4(text)) return text
  const [, inBrackets, host, bare] = node.exec(text.trim()) ?? []
  const address = inBrackets ?? host ?? bare ?? ''
  if (inBrackets === undefined && isIPv4(address)) return address
  // A zone names an interface of the machine that wrote it.
  const unzoned = address.replace(/%.*$/, '')
  return isIPv6(unzoned) ? toCanonical(unzoned) : undefined
}

/** Converts an IPv6 address to its canonical notation, or to IPv4 if it is IPv4-mapped. */
function toCanonical(address: string): string {
  // The URL standard serializes an IPv6 address as RFC 5952 recommends.
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1)
  const [, high, low] = mapped.exec(canonical) ?? []
  if (high === undefined || low === undefined) return canonical
  const bytes = [high, low].map(part => Number.parseInt(part, 16))
  return bytes.flatMap(part => [part >> 8, part & 255]).join('.')
}
