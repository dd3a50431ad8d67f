import { toHost } from './host.ts'

/** Most host names of a site. */
export const maxSiteHosts = 100

/** The hosts of a site. */
export interface SiteHosts {
  /** Returns whether a host without `www.` is one of the site. */
  has(host: string): boolean
}

/** A name in lower case, an IP literal, or `*.` and a name. */
const hostFormat = /^(\*\.)?((?:[\p{L}\p{N}_-]+\.)*[\p{L}\p{N}_-]+|\[[\da-f:.]+\])$/u

/** Compiles the host names of a site; `www.` has no meaning in them. @throws {TypeError} for a text that is not a host name */
export function createSiteHosts(names: readonly string[]): SiteHosts {
  if (names.length === 0 || names.length > maxSiteHosts) {
    throw new TypeError(
      `hostNames: ${names.length} host names; list 1 to ${maxSiteHosts}, or leave \`hostNames\` out to count all hosts.`,
    )
  }
  const exact = new Set<string>()
  const parents = new Set<string>()
  for (const text of names) {
    const { isPattern, host } = parseHostPattern(text)
    ;(isPattern ? parents : exact).add(host)
  }
  return { has: host => exact.has(host) || hasParent(host, parents) }
}

/** Returns whether a text is a host name, or `*.` and a host name. */
export function isHostPattern(text: string): boolean {
  return toPattern(text) !== undefined
}

function parseHostPattern(text: string): { isPattern: boolean; host: string } {
  const pattern = toPattern(text)
  if (pattern) return pattern
  throw new TypeError(
    `hostNames: ${JSON.stringify(text)} is not a host name. Use a name without scheme and port, or *. for all its subdomains; for example 'shop.example' or '*.shop.example'.`,
  )
}

function toPattern(text: string): { isPattern: boolean; host: string } | undefined {
  const [, star, name = ''] = hostFormat.exec(text.toLowerCase()) ?? []
  // The URL standard writes a name with other letters in ASCII, as in the addresses of events.
  const url = name === '' ? null : URL.parse(`http://${name}/`)
  return url ? { isPattern: star !== undefined, host: toHost(url) } : undefined
}

function hasParent(host: string, parents: ReadonlySet<string>): boolean {
  if (parents.size === 0 || host.length > maxHostLength) return false
  for (let dot = host.indexOf('.'); dot >= 0; dot = host.indexOf('.', dot + 1)) {
    if (parents.has(host.slice(dot + 1))) return true
  }
  return false
}

/** Longest name of a host (RFC 1035, section 2.3.4). */
const maxHostLength = 253
