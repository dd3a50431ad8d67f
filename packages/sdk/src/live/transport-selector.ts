import { createBackoff } from '../shared/backoff.ts'
import type { Loss, Road, RoadEvents } from './transports/transport.ts'
import type { Platform, StreamingTransport } from './types.ts'

/** Ends without proof after which a road counts as blocked, while polls are answered. */
const maxFailures = 2
/** Before a better road is tried again there is this pause, and up to as much more, doubling each time. */
const restMs = 10_000
const restSpreadMs = 30_000
const maxRestSpreadMs = 300_000

export interface LadderOptions {
  platform: Platform
  /** What may be climbed to, best first. */
  rungs: readonly StreamingTransport[]
  open(rung: StreamingTransport, events: RoadEvents): Road
  /** Whether the server has just been reached in another way, so that a road that fails is to blame itself. */
  isServerThere(): boolean
  onNews(isCurrent: boolean): void
  /** Data comes by a road now. */
  onProved(): void
  /** A road has ended, and `ladder.proved` is what is left. */
  onLost(loss: Loss): void
}

/**
 * The way up from polling. Roads are tried from the best one down, one at a time, each until it has proved
 * itself or failed twice. A road that carries data stays until a better one is proved; what it carries is
 * absolute, so that both may bring the same.
 */
export interface Ladder {
  /** The road that data comes by, and its name. */
  readonly proved: Rung | undefined
  /** Whether a road is open that has not proved itself. */
  readonly isTrying: boolean
  /** Tries the next road, unless one is being tried. */
  climb(): void
  /** The selection has changed. */
  resubscribe(): void
  /** Leaves all roads. */
  stop(): void
}

export interface Rung {
  readonly transport: StreamingTransport
  readonly road: Road
}

interface Held {
  /** Place on the ladder; 0 is the best. */
  readonly place: number
  road: Road | undefined
  failures: number
}

export function createLadder(options: LadderOptions): Ladder {
  const { platform, rungs } = options
  const rests = createBackoff({
    baseMs: restSpreadMs,
    maxMs: maxRestSpreadMs,
    random: platform.random,
  })
  let proved: Held | undefined
  let trying: Held | undefined
  let next = 0
  let isResting = false
  let restTimer: unknown

  function climb(): void {
    if (!trying && !isResting && next < (proved?.place ?? rungs.length)) start(next)
  }

  function start(place: number): void {
    const transport = rungs[place]
    if (transport === undefined) return
    const held: Held = { place, road: undefined, failures: 0 }
    trying = held
    held.road = options.open(transport, {
      onNews: options.onNews,
      onProved: () => prove(held),
      onLost: loss => lose(held, loss),
    })
  }

  function prove(held: Held): void {
    const before = proved
    trying = undefined
    proved = held
    held.failures = 0
    next = 0
    before?.road?.stop()
    if (held.place > 0) rest()
    else {
      rests.reset()
      endRest()
    }
    options.onProved()
  }

  function lose(held: Held, loss: Loss): void {
    if (proved === held) {
      proved = undefined
      endRest()
      // Something has changed on the way, so what was found out about it may be over.
      rests.reset()
      // It comes back by itself, unless a better one is being tried already.
      if (trying) held.road?.stop()
      else trying = held
    } else if (options.isServerThere()) {
      held.failures++
    }
    if (held.failures >= maxFailures && rungs.length > 1) stepDown(held)
    options.onLost(loss)
  }

  function stepDown(held: Held): void {
    held.road?.stop()
    trying = undefined
    next = held.place + 1
    if (next >= (proved?.place ?? rungs.length)) {
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
      const transport = proved && rungs[proved.place]
      return transport && proved?.road ? { transport, road: proved.road } : undefined
    },
    get isTrying() {
      return trying?.road?.isOpen ?? false
    },
    climb,
    resubscribe() {
      proved?.road?.resubscribe()
      trying?.road?.resubscribe()
    },
    stop() {
      endRest()
      proved?.road?.stop()
      trying?.road?.stop()
      proved = undefined
      trying = undefined
      next = 0
    },
  }
}
