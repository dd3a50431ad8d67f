import { createBackoff } from '../shared/backoff.ts'
import type {
  ConnectionLoss,
  TransportConnection,
  TransportEvents,
} from './transports/transport.ts'
import type { LivePlatform, StreamingTransport } from './types.ts'

/** Failures after which a transport counts as blocked, if polls succeed meanwhile. */
const maxFailures = 2
/** Pause before a better transport is tried again: 10 s plus full jitter of up to 30 s, doubling to at most 5 min. */
const pauseMs = 10_000
const pauseJitterMs = 30_000
const maxPauseJitterMs = 300_000

export interface TransportSelectorOptions {
  platform: LivePlatform
  /** Transports that may be tried, best first. */
  fallbackOrder: readonly StreamingTransport[]
  open(transport: StreamingTransport, events: TransportEvents): TransportConnection
  /** Whether the server answers on another transport, so that a failure is the fault of the transport. */
  isServerReachable(): boolean
  onActivity(isCurrent: boolean): void
  /** Called when another transport has become active. */
  onActive(): void
  /** Called when a connection has closed; `active` is already up to date. */
  onLost(loss: ConnectionLoss): void
}

/**
 * Selects the transport. Tries one transport at a time, from the best one down, until it is verified or has failed
 * twice. The active transport stays open until a better one is verified; frames hold absolute values, so both may
 * deliver the same frame.
 */
export interface TransportSelector {
  /** Transport that delivers data; `undefined` while only polling does. */
  readonly active: ActiveTransport | undefined
  /** Whether an open connection is being verified. */
  readonly isVerifying: boolean
  /** Time of the last scheduled attempt to connect, in milliseconds since 1970; in the past when it has begun. */
  readonly retryAt: number | undefined
  /** Tries the next transport, unless one is being tried or the selector pauses. */
  upgrade(): void
  /** Subscribes all connections again after the selection has changed. */
  resubscribe(): void
  /** Closes all connections. */
  stop(): void
}

export interface ActiveTransport {
  readonly transport: StreamingTransport
  readonly connection: TransportConnection
}

interface Candidate {
  /** Index in the fallback order; 0 is the best. */
  readonly rank: number
  connection: TransportConnection | undefined
  failures: number
}

export function createTransportSelector(options: TransportSelectorOptions): TransportSelector {
  const { platform, fallbackOrder } = options
  const pause = createUpgradePause(platform, upgrade)
  let active: Candidate | undefined
  let pending: Candidate | undefined
  let nextRank = 0

  function upgrade(): void {
    const transport = fallbackOrder[nextRank]
    if (pending || pause.isPaused || !transport) return
    if (nextRank < (active?.rank ?? fallbackOrder.length)) open(transport, nextRank)
  }

  function open(transport: StreamingTransport, rank: number): void {
    const candidate: Candidate = { rank, connection: undefined, failures: 0 }
    pending = candidate
    candidate.connection = options.open(transport, {
      onActivity: options.onActivity,
      onVerified: () => activate(candidate),
      onLost: loss => handleLoss(candidate, loss),
    })
  }

  function activate(candidate: Candidate): void {
    const previous = active
    pending = undefined
    active = candidate
    candidate.failures = 0
    nextRank = 0
    previous?.connection?.stop()
    if (candidate.rank > 0) pause.start()
    else pause.end(true)
    options.onActive()
  }

  function handleLoss(candidate: Candidate, loss: ConnectionLoss): void {
    if (active === candidate) {
      active = undefined
      // The network may have changed, so a transport that was blocked may work now.
      pause.end(true)
      // The closed connection reconnects by itself, unless a better transport is already being tried.
      if (pending) candidate.connection?.stop()
      else pending = candidate
    } else if (options.isServerReachable()) {
      candidate.failures++
    }
    if (candidate.failures >= maxFailures && fallbackOrder.length > 1) tryNext(candidate)
    options.onLost(loss)
  }

  function tryNext(blocked: Candidate): void {
    blocked.connection?.stop()
    pending = undefined
    nextRank = blocked.rank + 1
    if (nextRank >= (active?.rank ?? fallbackOrder.length)) {
      nextRank = 0
      pause.start()
    }
    upgrade()
  }

  return {
    get active() {
      const transport = active && fallbackOrder[active.rank]
      return transport && active?.connection
        ? { transport, connection: active.connection }
        : undefined
    },
    get isVerifying() {
      return pending?.connection?.isOpen ?? false
    },
    get retryAt() {
      return pending?.connection?.retryAt
    },
    upgrade,
    resubscribe() {
      active?.connection?.resubscribe()
      pending?.connection?.resubscribe()
    },
    stop() {
      pause.end(false)
      active?.connection?.stop()
      pending?.connection?.stop()
      active = undefined
      pending = undefined
      nextRank = 0
    },
  }
}

/** Pause between two rounds of upgrade attempts. */
interface UpgradePause {
  readonly isPaused: boolean
  /** Starts a pause that is longer than the last one. */
  start(): void
  /** @param isReset whether the next pause is the shortest one again */
  end(isReset: boolean): void
}

function createUpgradePause(platform: LivePlatform, onEnd: () => void): UpgradePause {
  const { random } = platform
  const backoff = createBackoff({ baseMs: pauseJitterMs, maxMs: maxPauseJitterMs, random })
  let timer: unknown

  function end(isReset: boolean): void {
    platform.clearTimeout(timer)
    timer = undefined
    if (isReset) backoff.reset()
  }

  return {
    get isPaused() {
      return timer !== undefined
    },
    start() {
      end(false)
      timer = platform.setTimeout(() => {
        timer = undefined
        onEnd()
      }, backoff.next(pauseMs))
    },
    end,
  }
}
