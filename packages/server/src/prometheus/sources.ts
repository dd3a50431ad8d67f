import type { ErrorCode } from '@tidemark/protocol'

/** The numbers of a site that metrics count. All but `ring` only grow. */
export interface SiteNumbers {
  readonly id: string
  readonly accepted: number
  readonly rejected: ReadonlyMap<string, number>
  readonly repeated: number
  readonly unnumbered: number
  readonly clamped: number
  readonly otherHost: number
  /** Items that exceeded a bound, by kind. */
  readonly overflow: ReadonlyMap<string, number>
  readonly ring: { readonly frames: number; readonly bytes: number }
  /** Damaged stored buckets, by tier. */
  readonly damaged: ReadonlyMap<string, number>
}

export interface QueueNumbers {
  readonly running: number
  readonly waiting: number
  readonly maxRunning: number
}

/** Where metrics read their values, at each request for them. */
export interface MetricSources {
  readonly version: string
  readonly sites: () => Iterable<SiteNumbers>
  readonly maxSites: number
  readonly reports: {
    readonly refusals: ReadonlyMap<ErrorCode, ReadonlyMap<string, number>>
    readonly warnings: ReadonlyMap<string, number>
    readonly clockJumps: { readonly forward: number; readonly back: number }
    readonly internalErrors: number
    readonly slowTurns: number
  }
  /** Delays of the event loop, in milliseconds. */
  readonly loop: () => { readonly meanMs: number; readonly p99Ms: number; readonly maxMs: number }
  readonly readers: (transport: 'websocket' | 'sse' | 'long-poll') => number
  readonly maxReadersPerSite: number
  readonly sockets: () => number
  readonly maxSockets: number
  readonly queries: () => { readonly light: QueueNumbers; readonly heavy: QueueNumbers }
  readonly log: () => {
    readonly pendingBytes: number
    readonly maxPendingBytes: number
    readonly lostWrites: number
  }
  /** Age of the oldest change that is in no checkpoint, in milliseconds. */
  readonly unsavedMs: () => number
  readonly isReady: () => boolean
}
