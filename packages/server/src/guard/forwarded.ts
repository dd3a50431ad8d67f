/** Name of the header that proxies extend by default. */
export const defaultAddressHeader = 'X-Forwarded-For'

/** An element of `Forwarded` ends at a comma outside of quotes (RFC 7239, section 4). */
const elements = /(?:"(?:[^"\\]|\\.)*"|[^",])+/g

/** A parameter of an element, with its value as it is written. */
const parameters = /([\w-]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^;\s"]*)/g

/**
 * Returns the hops in a header that proxies set, the last one at the end: the `for` of each element of `Forwarded`, or
 * the elements of a list such as `X-Forwarded-For`. A header such as `X-Real-IP` is a list of one.
 */
export function readHops(header: string, value: string | undefined): string[] {
  if (value === undefined) return []
  if (header.toLowerCase() !== 'forwarded') return value.split(',')
  // An element without `for` hides its hop, and with it everything before.
  return Array.from(value.match(elements) ?? [], readFor)
}

/** Returns the node that sent the request to the proxy that wrote an element. */
function readFor(element: string): string {
  for (const [, name, value = ''] of element.matchAll(parameters)) {
    if (name?.toLowerCase() === 'for') return value
  }
  return ''
}
