import { createBackoff } from '../shared/backoff.ts'
import type {
  ConnectionLoss,
  TransportConnection,
  TransportEvents,
} from './transports/transport.ts'
import type { Platform, StreamingTransport } from './types.ts'

/** Ends without proof after which a road counts as blocked, while polls are answered. */
const maxFailures = 2
/** Before a better road is tried again there is this pause, and up to as much more, doubling each time. */
const restMs = 10_000
const restSpreadMs = 30_000
const maxRestSpreadMs = 300_000

export interface TransportSelectorOptions {
  platform: Platform
  /** What may be climbed to, best first. */
  fallbackOrder: readonly StreamingTransport[]
  open(rung: StreamingTransport, events: TransportEvents): TransportConnection
  /** Whether the server has just been reached in another way, so that a road that fails is to blame itself. */
  isServerThere(): boolean
  onNews(isCurrent: boolean): void
  /** Data comes by a road now. */
  onProved(): void
  /** A road has ended, and `ladder.proved` is what is left. */
  onLost(loss: ConnectionLoss): void
}

/**
 * The way up from polling. Roads are tried from the best one down, one at a time, each until it has proved
 * itself or failed twice. A road that carries data stays until a better one is proved; what it carries is
 * absolute, so that both may bring the same.
 */
export interface TransportSelector {
  /** The road that data comes by, and its name. */
  readonly proved: ActiveTransport | undefined
  /** Whether a road is open that has not proved itself. */
  readonly isTrying: boolean
  /** Tries the next road, unless one is being tried. */
  upgrade(): void
  /** The selection has changed. */
  resubscribe(): void
  /** Leaves all roads. */
  stop(): void
}

export interface ActiveTransport {
  readonly transport: StreamingTransport
  readonly connection: TransportConnection
}

interface Candidate {
  /** Place on the ladder; 0 is the best. */
  readonly rank: number
  connection: TransportConnection | undefined
  failures: number
}

export function createTransportSelector(options: TransportSelectorOptions): TransportSelector {
  const { platform, fallbackOrder } = options
  const rests = createBackoff({
    baseMs: restSpreadMs,
    maxMs: maxRestSpreadMs,
    random: platform.random,
  })
  let proved: Candidate | undefined
  let trying: Candidate | undefined
  let next = 0
  let isResting = false
  let restTimer: unknown

  function climb(): void {
    if (!trying && !isResting && next < (proved?.rank ?? fallbackOrder.length)) start(next)
  }

  function start(place: number): void {
    const transport = fallbackOrder[place]
    if (transport === undefined) return
    const held: Candidate = { rank: place, connection: undefined, failures: 0 }
    trying = held
    held.connection = options.open(transport, {
      onNews: options.onNews,
      onProved: () => prove(held),
      onLost: loss => lose(held, loss),
    })
  }

  function prove(held: Candidate): void {
    const before = proved
    trying = undefined
    proved = held
    held.failures = 0
    next = 0
    before?.connection?.stop()
    if (held.rank > 0) rest()
    else {
      rests.reset()
      endRest()
    }
    options.onProved()
  }

  function lose(held: Candidate, loss: ConnectionLoss): void {
    if (proved === held) {
      proved = undefined
      endRest()
      // Something has changed on the way, so what was found out about it may be over.
      rests.reset()
      // It comes back by itself, unless a better one is being tried already.
      if (trying) held.connection?.stop()
      else trying = held
    } else if (options.isServerThere()) {
      held.failures++
    }
    if (held.failures >= maxFailures && fallbackOrder.length > 1) stepDown(held)
    options.onLost(loss)
  }

  function stepDown(held: Candidate): void {
    held.connection?.stop()
    trying = undefined
    next = held.rank + 1
    if (next >= (proved?.rank ?? fallbackOrder.length)) {
      next = 0
      rest()
    }
    climb()
  }

  function rest(): void {
    platform.clearTimeout(restTimer)
    isResting = true
    restTimer = platform.setTimeout(() => {
      isResting = false
      climb()
    }, rests.next(restMs))
  }

  function endRest(): void {
    isResting = false
    platform.clearTimeout(restTimer)
  }

  return {
    get proved() {
      const transport = proved && fallbackOrder[proved.rank]
      return transport && proved?.connection
        ? { transport, connection: proved.connection }
        : undefined
    },
    get isTrying() {
      return trying?.connection?.isOpen ?? false
    },
    upgrade: climb,
    resubscribe() {
      proved?.connection?.resubscribe()
      trying?.connection?.resubscribe()
    },
    stop() {
      endRest()
      proved?.connection?.stop()
      trying?.connection?.stop()
      proved = undefined
      trying = undefined
      next = 0
    },
  }
}
