import { networkOf } from '../shared/network.ts'

/** The transports that keep a connection open. */
export type ConnectionKind = 'websocket' | 'sse' | 'long-poll'

/** The site and the address that a connection counts for. */
export interface ConnectionOwner {
  readonly site: string
  /** The reader's address; empty when it is unknown. */
  readonly address: string
}

export interface ConnectionLimits {
  /** Most open connections to one site. @default 10,000 */
  maxPerSite: number
  /**
   * Most open connections of one address, or of one IPv6 network (/64), as one machine has all of its addresses.
   * A loopback address is a proxy on the same machine, or the machine itself, and is not limited. @default 256
   */
  maxPerAddress: number
}

export const defaultConnectionLimits: ConnectionLimits = { maxPerSite: 10_000, maxPerAddress: 256 }

/** Closes a connection; its reader reconnects after `retryMs`. */
type Disconnect = (code: number, retryMs: number) => void

/** Counts the open connections to readers of all transports. */
export interface ConnectionLimiter {
  hasRoom(owner: ConnectionOwner): boolean
  /** Counts one more connection until the returned function is called. */
  add(kind: ConnectionKind, owner: ConnectionOwner, disconnect: Disconnect): () => void
  count(kind: ConnectionKind): number
  /** Disconnects every reader. */
  disconnectAll(code: number, retryMs: () => number): void
}

export function createConnectionLimiter(limits: ConnectionLimits): ConnectionLimiter {
  const connections = new Set<{ readonly disconnect: Disconnect }>()
  const countByKind = new Map<string, number>()
  const countBySite = new Map<string, number>()
  const countByNetwork = new Map<string, number>()

  return {
    hasRoom({ site, address }) {
      const network = networkOf(address)
      const isFull =
        network !== undefined && countOf(countByNetwork, network) >= limits.maxPerAddress
      return !isFull && countOf(countBySite, site) < limits.maxPerSite
    },
    add(kind, { site, address }, disconnect) {
      const network = networkOf(address)
      // A new object for each, so that the same function may be added twice.
      const connection = { disconnect }
      const change = (by: number): void => {
        changeCount(countByKind, kind, by)
        changeCount(countBySite, site, by)
        if (network !== undefined) changeCount(countByNetwork, network, by)
      }
      connections.add(connection)
      change(1)
      return () => {
        if (connections.delete(connection)) change(-1)
      }
    },
    count: kind => countOf(countByKind, kind),
    disconnectAll(code, retryMs) {
      for (const { disconnect } of [...connections]) disconnect(code, retryMs())
    },
  }
}

function countOf(counts: ReadonlyMap<string, number>, key: string): number {
  return counts.get(key) ?? 0
}

function changeCount(counts: Map<string, number>, key: string, by: number): void {
  const count = countOf(counts, key) + by
  if (count > 0) counts.set(key, count)
  else counts.delete(key)
}
