import { type RollupBounds, type Tally, countTurnedAway } from './bounds.ts'

/** The numbers of one client that were counted: all up to `upTo`, and some beyond it. */
interface Window {
  upTo: number
  beyond: Set<number>
  seenAt: number
}

/** Makes an event that was sent again, re-cut or out of order count once. */
export interface Once {
  /** Whether `(client, n)` is new. It is not new from then on. */
  take(client: string, n: number, now: number): boolean
  /** Forgets the clients that are older than any event may still be. */
  advance(now: number): void
}

export function createOnce(bounds: RollupBounds, turnedAway: Tally): Once {
  // In the order of `seenAt`; see presence.ts.
  const windows = new Map<string, Window>()

  function open(client: string): Window {
    const known = windows.get(client)
    if (known) {
      windows.delete(client)
      return known
    }
    if (windows.size >= bounds.maxClients) {
      const [oldest] = windows.keys()
      if (oldest !== undefined) windows.delete(oldest)
      countTurnedAway(turnedAway, 'clients')
    }
    return { upTo: 0, beyond: new Set(), seenAt: 0 }
  }

  return {
    take(client, n, now) {
      const window = open(client)
      window.seenAt = now
      windows.set(client, window)
      if (n <= window.upTo || window.beyond.has(n)) return false
      window.beyond.add(n)
      if (window.beyond.size > bounds.maxClientHoles) {
        // The oldest holes are given up: what would have filled them is taken for a repetition.
        window.upTo = Math.min(...window.beyond) - 1
        countTurnedAway(turnedAway, 'client_holes')
      }
      while (window.beyond.delete(window.upTo + 1)) window.upTo++
      return true
    },
    advance(now) {
      for (const [client, window] of windows) {
        if (window.seenAt + bounds.retentionMs > now) break
        windows.delete(client)
      }
    },
  }
}
