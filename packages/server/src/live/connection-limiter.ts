import { isIPv6 } from 'node:net'
import { problem } from '../http/problem.ts'

/** What keeps a connection to a reader open. */
export type ConnectionKind = 'websocket' | 'sse' | 'long-poll'

/** Whose it is. */
export interface ConnectionOwner {
  readonly site: string
  /** The reader's address; empty where there is none. */
  readonly address: string
}

export interface ConnectionLimits {
  /** Held for readers of one site. @default 10,000 */
  maxPerSite: number
  /**
   * Held for one address, or for one network of IPv6 (/64), as a machine has all of those. A loopback
   * address is a proxy beside the server, or the machine itself, and is not limited. @default 256
   */
  maxPerAddress: number
}

export const defaultConnectionLimits: ConnectionLimits = { maxPerSite: 10_000, maxPerAddress: 256 }

/** All that is held open for readers, whatever transport it is of. */
export interface ConnectionLimiter {
  hasRoom(holder: ConnectionOwner): boolean
  /**
   * Counts one more until the returned function is called.
   * @param bye sends the reader away, to come back after some milliseconds
   */
  add(
    kind: ConnectionKind,
    holder: ConnectionOwner,
    bye: (code: number, retryMs: number) => void,
  ): () => void
  count(kind: ConnectionKind): number
  /** Sends every reader away. */
  disconnectAll(code: number, retryMs: () => number): void
}

/** After how long there may be room, in seconds. */
const retryAfterSeconds = 30

export function createConnectionLimiter(limits: ConnectionLimits): ConnectionLimiter {
  const byes = new Set<(code: number, retryMs: number) => void>()
  const kinds = new Map<string, number>()
  const sites = new Map<string, number>()
  const networks = new Map<string, number>()

  return {
    hasRoom({ site, address }) {
      const network = networkOf(address)
      const isFull = network !== undefined && countOf(networks, network) >= limits.maxPerAddress
      return !isFull && countOf(sites, site) < limits.maxPerSite
    },
    add(kind, { site, address }, bye) {
      const network = networkOf(address)
      // One of its own for each, so that the same function may be held twice.
      const own = (code: number, retryMs: number): void => bye(code, retryMs)
      const change = (by: number): void => {
        changeCount(kinds, kind, by)
        changeCount(sites, site, by)
        if (network !== undefined) changeCount(networks, network, by)
      }
      byes.add(own)
      change(1)
      return () => {
        if (byes.delete(own)) change(-1)
      }
    },
    count: kind => countOf(kinds, kind),
    disconnectAll(code, retryMs) {
      for (const bye of [...byes]) bye(code, retryMs())
    },
  }
}

/** The answer to a reader for whom there is no room. */
export function tooManyConnections(): Response {
  return problem('too_busy', {
    detail: 'There are as many readers of this site, or at this address, as there may be.',
    headers: { 'Retry-After': String(retryAfterSeconds) },
  })
}

function countOf(counts: ReadonlyMap<string, number>, key: string): number {
  return counts.get(key) ?? 0
}

function changeCount(counts: Map<string, number>, key: string, by: number): void {
  const count = countOf(counts, key) + by
  if (count > 0) counts.set(key, count)
  else counts.delete(key)
}

/** What is limited together; `undefined` for what is not. */
function networkOf(address: string): string | undefined {
  if (address === '' || address === '::1' || address.startsWith('127.')) return undefined
  if (!isIPv6(address)) return address
  // The URL standard's way to write an address puts it in one form, whatever form it came in.
  const [head = '', tail = ''] = new URL(`http://[${address.replace(/%.*$/, '')}]`).hostname
    .slice(1, -1)
    .split('::')
  const [before, after] = [head, tail].map(part => (part === '' ? [] : part.split(':')))
  const zeros = Array.from({ length: 8 - (before?.length ?? 0) - (after?.length ?? 0) }, () => '0')
  return [...(before ?? []), ...zeros, ...(after ?? [])].slice(0, 4).join(':')
}
