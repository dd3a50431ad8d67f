import type { Clock } from '@tidemark/server'
import { type Courier, type Sender } from './courier.ts'
import { createCatchUpClock } from './catch-up-clock.ts'
import { agents, countries, draw } from './personas.ts'
import { activeMs } from './presence.ts'
import { type Shopper, startShopper } from './shopper.ts'

/** Shoppers who come and go, in a slow wave. */
export interface Crowd {
  /**
   * Lets them come; what happened since `since` is made up in a moment.
   * @param since in milliseconds since 1970; not in the past for a shop that opens now
   */
  open(since: number): void
  /** Nobody comes any more, and everybody leaves. What they did is still delivered. */
  close(): void
  /** Ends everything, without a word. */
  stop(): void
  /** The server has started again and knows nothing of who has left. */
  serverRestarted(): void
  /** Shoppers who are here now, in their own time, whatever of it has been delivered. */
  readonly present: number
}

export interface CrowdOptions {
  clock: Clock
  random: () => number
  /** Where the shop is: `http://127.0.0.1:4711`. */
  origin: string
  createCourier(sender: Sender): Courier
}

/** How many are here: a tide of eleven minutes, with a swell on it. */
const meanShoppers = 27
const waves: readonly { shoppers: number; periodMs: number }[] = [
  { shoppers: 6, periodMs: 660_000 },
  { shoppers: 2, periodMs: 170_000 },
]

/** How long a shopper counts as here, on average; measured with the plan of `visit.ts`. */
const meanPresenceS = 370
/** A shop that opens is more than half full after this time. */
const fillS = 45

const maxShoppers = 80
/** Above this nobody comes: the network must be down, and what waits for it stays bounded. */
const maxBehind = 40
/** How long an arrival is waited for before the tide is looked at again. */
const lookAgainMs = 5000

export function createCrowd(options: CrowdOptions): Crowd {
  const { clock: real, random } = options
  const shoppers = new Set<Shopper>()
  let clock: Clock = real
  let isMakingUp = false
  let cancelArrival = (): void => {}

  function count(is: (shopper: Shopper) => boolean): number {
    return [...shoppers].filter(is).length
  }

  function isPresent(shopper: Shopper): boolean {
    return shopper.presentUntil > clock.now()
  }

  function forgetGone(): void {
    for (const shopper of shoppers) {
      // One that is gone is kept for as long as a server that starts again would take it for present.
      const isOver = shopper.presentUntil + activeMs <= clock.now()
      if (isOver && !shopper.isBehind) shoppers.delete(shopper)
    }
  }

  function ratePerS(): number {
    forgetGone()
    const present = count(isPresent)
    // What is made up waits for its delivery by the hundred, and has it in a moment.
    const isCutOff = !isMakingUp && count(shopper => shopper.isBehind) > maxBehind
    if (isCutOff || present >= maxShoppers) return 0
    const target = targetAt(clock.now())
    return target / meanPresenceS + Math.max(0, target - present) / fillS
  }

  /** Arrivals are a Poisson process, so a wait that is cut short and drawn again changes nothing. */
  function awaitArrival(): void {
    const waitMs = (-Math.log(1 - random()) / ratePerS()) * 1000
    const comes = waitMs <= lookAgainMs
    cancelArrival = clock.after(comes ? waitMs : lookAgainMs, () => {
      if (comes) arrive()
      awaitArrival()
    })
  }

  function arrive(): void {
    const sender: Sender = {
      client: `simulated-${randomId(random)}`,
      visitorId: `simulated-${randomId(random)}`,
      userAgent: draw(agents, random),
      country: draw(countries, random),
    }
    const courier = options.createCourier(sender)
    shoppers.add(startShopper({ courier, clock, now: real.now, random, origin: options.origin }))
  }

  return {
    open(since) {
      cancelArrival()
      if (since >= real.now()) {
        clock = real
        awaitArrival()
        return
      }
      const past = createCatchUpClock(since, real)
      clock = past
      isMakingUp = true
      awaitArrival()
      past.catchUp()
      isMakingUp = false
    },
    close() {
      cancelArrival()
      for (const shopper of shoppers) shopper.leave()
    },
    stop() {
      cancelArrival()
      for (const shopper of shoppers) shopper.vanish()
    },
    serverRestarted() {
      for (const shopper of shoppers) shopper.serverRestarted()
    },
    get present() {
      return count(isPresent)
    },
  }
}

function targetAt(now: number): number {
  const heights = waves.map(
    ({ shoppers, periodMs }) => shoppers * Math.sin((2 * Math.PI * now) / periodMs),
  )
  return heights.reduce((sum, height) => sum + height, meanShoppers)
}

function randomId(random: () => number): string {
  const part = (): string => Math.floor(random() * 2 ** 32).toString(36)
  return `${part()}${part()}`
}
