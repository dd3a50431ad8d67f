import type { TrackedEvent } from '@tidemark/protocol'
import type { Clock } from '@tidemark/server'

/** Who sends: one shopper on one page load. */
export interface Sender {
  readonly client: string
  readonly visitorId: string
  readonly userAgent: string
  readonly country: string
}

/** A batch as it travels, with the headers that a browser and a CDN would add. */
export interface Parcel {
  readonly sender: Sender
  readonly events: readonly TrackedEvent[]
}

/** What became of a parcel: the server decided about it, or it has to be sent again. */
export type Delivery = 'decided' | 'failed'

export type Post = (parcel: Parcel) => Promise<Delivery>

/** Carries what one shopper does to the server, each event until the server has taken it. */
export interface Courier {
  /** Takes an event that has to arrive, however late. */
  add(event: TrackedEvent): void
  /** Sends a heartbeat, if it can go at once: later it would say something that is no longer so. */
  beat(event: TrackedEvent): void
  /** Sends a leave, once, after all that waits. */
  leave(event: TrackedEvent): void
  /** Whether events wait for the network. */
  readonly isBehind: boolean
}

export interface CourierOptions {
  sender: Sender
  post: Post
  clock: Clock
  random: () => number
}

const firstRetryMs = 500
const maxRetryMs = 8000

/** How long the first event waits for company, so that a visit that is made up in a moment is sent as one. */
const gatherMs = 20

export function createCourier({ sender, post, clock, random }: CourierOptions): Courier {
  const waiting: TrackedEvent[] = []
  let lastN = 0
  let failures = 0
  let isUnderWay = false
  let farewell: TrackedEvent | undefined

  async function send(): Promise<void> {
    const events = [...waiting]
    const delivery = await post({ sender, events })
    if (delivery === 'decided') {
      failures = 0
      waiting.splice(0, events.length)
    } else {
      failures++
    }
    isUnderWay = false
    if (waiting.length > 0) schedule(delivery === 'decided' ? gatherMs : retryMs())
    else if (farewell) say(farewell)
  }

  function say(event: TrackedEvent): void {
    farewell = undefined
    void post({ sender, events: [event] })
  }

  /** Full jitter, as those who were cut off together must not come back together. */
  function retryMs(): number {
    return firstRetryMs + random() * Math.min(maxRetryMs, firstRetryMs * 2 ** failures)
  }

  function schedule(delayMs: number): void {
    isUnderWay = true
    clock.after(delayMs, () => void send())
  }

  return {
    add(event) {
      waiting.push({ ...event, n: ++lastN })
      if (!isUnderWay) schedule(gatherMs)
    },
    beat(event) {
      if (!isUnderWay) say(event)
    },
    leave(event) {
      if (isUnderWay) farewell = event
      else say(event)
    },
    get isBehind() {
      return waiting.length > 0
    },
  }
}
