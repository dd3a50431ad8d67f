import { networkOf } from '../shared/network.ts'
import { nextTurn } from '../shared/scheduling.ts'

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

/** Connections that are checked at once after the access rules have changed. Between them, other work runs. */
const recheckedTogether = 64

export const defaultConnectionLimits: ConnectionLimits = { maxPerSite: 10_000, maxPerAddress: 256 }

/** One open connection. */
export interface LimitedConnection {
  /** Closes the connection; its reader reconnects after `retryMs`. */
  disconnect(code: number, retryMs: number): void
  /** Authorizes the reader again if the access rules have changed, and closes the connection when they refuse it. */
  recheck(): Promise<void>
}

/** Counts the open connections to readers of all transports. */
export interface ConnectionLimiter {
  hasRoom(owner: ConnectionOwner): boolean
  /** Counts one more connection until the returned function is called. */
  add(kind: ConnectionKind, owner: ConnectionOwner, connection: LimitedConnection): () => void
  count(kind: ConnectionKind): number
  /** Returns the number of connections to a site, of all transports. */
  countOfSite(site: string): number
  /** Disconnects every reader. */
  disconnectAll(code: number, retryMs: () => number): void
  /** Disconnects the readers that the current access rules refuse. */
  recheckAll(): Promise<void>
}

export function createConnectionLimiter(limits: ConnectionLimits): ConnectionLimiter {
  const connections = new Set<{ readonly connection: LimitedConnection }>()
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
    add(kind, { site, address }, connection) {
      const network = networkOf(address)
      // A new object for each, so that the same connection may be added twice.
      const entry = { connection }
      const change = (by: number): void => {
        changeCount(countByKind, kind, by)
        changeCount(countBySite, site, by)
        if (network !== undefined) changeCount(countByNetwork, network, by)
      }
      connections.add(entry)
      change(1)
      return () => {
        if (connections.delete(entry)) change(-1)
      }
    },
    count: kind => countOf(countByKind, kind),
    countOfSite: site => countOf(countBySite, site),
    disconnectAll(code, retryMs) {
      for (const { connection } of [...connections]) connection.disconnect(code, retryMs())
    },
    async recheckAll() {
      const entries = [...connections]
      for (let start = 0; start < entries.length; start += recheckedTogether) {
        const group = entries.slice(start, start + recheckedTogether)
        await Promise.all(group.map(({ connection }) => connection.recheck()))
        await nextTurn()
      }
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
