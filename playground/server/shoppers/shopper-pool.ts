import type { Clock } from '@tidemark/server'
import { createCatchUpClock } from './catch-up-clock.ts'
import type { BrowserIdentity, EventSender } from './event-sender.ts'
import { browserFactsOf, countries, pickWeighted, userAgents } from './personas.ts'
import { activeWindowMs } from './presence.ts'
import { type Shopper, startShopper } from './shopper.ts'

/** Simulated shoppers. Their number oscillates slowly around a mean. */
export interface ShopperPool {
  /**
   * Starts arrivals. Backfills the time from `since` until now synchronously.
   * @param since in milliseconds since 1970; the present or later for no backfill
   */
  open(since: number): void
  /** Stops arrivals and ends all visits with a leave event. Pending events are still delivered. */
  close(): void
  /** Stops arrivals and ends all visits without leave events. */
  stop(): void
  /** Repeats the leave events that a restarted server has lost. */
  onServerRestart(): void
  /** Active shoppers by their own clock, including events that are not delivered yet. */
  readonly activeShoppers: number
}

export interface ShopperPoolOptions {
  clock: Clock
  random: () => number
  /** Origin of the shop: `http://127.0.0.1:4711`. */
  origin: string
  /**
   * Returns the number of active shoppers of an earlier start. They count toward the target, so that the number of
   * visitors does not double after a restart of the playground.
   * @default none
   */
  countEarlier?(): number
  createEventSender(identity: BrowserIdentity): EventSender
}

/** The target number of shoppers: a mean plus two sine waves. */
const meanShoppers = 27
const targetWaves: readonly { shoppers: number; periodMs: number }[] = [
  { shoppers: 6, periodMs: 660_000 },
  { shoppers: 2, periodMs: 170_000 },
]

/** Average time for which a shopper counts as active; measured with the visits of `visit.ts`. */
const meanActiveSeconds = 370
/** Time constant of the approach to the target. An empty shop is more than half full after this time. */
const fillSeconds = 45

const maxShoppers = 80
/** Arrivals pause while more shoppers have pending events: the network is down, and the queue is bounded. */
const maxShoppersWithPendingEvents = 40
/** Longest wait before the arrival rate is computed again. */
const maxArrivalWaitMs = 5000

export function createShopperPool(options: ShopperPoolOptions): ShopperPool {
  const { clock: realClock, random } = options
  const shoppers = new Set<Shopper>()
  let clock: Clock = realClock
  let isBackfilling = false
  let cancelArrival = (): void => {}

  function count(matches: (shopper: Shopper) => boolean): number {
    return [...shoppers].filter(matches).length
  }

  function isActive(shopper: Shopper): boolean {
    return shopper.activeUntil > clock.now()
  }

  function removeEnded(): void {
    for (const shopper of shoppers) {
      // A restarted server counts an ended visit as active for up to `activeWindowMs`.
      const isExpired = shopper.activeUntil + activeWindowMs <= clock.now()
      if (isExpired && !shopper.hasPendingEvents) shoppers.delete(shopper)
    }
  }

  function arrivalsPerSecond(): number {
    removeEnded()
    const active = count(isActive) + (options.countEarlier?.() ?? 0)
    // During a backfill hundreds of shoppers have pending events for a moment.
    const isDisconnected =
      !isBackfilling && count(shopper => shopper.hasPendingEvents) > maxShoppersWithPendingEvents
    if (isDisconnected || active >= maxShoppers) return 0
    const target = targetAt(clock.now())
    return target / meanActiveSeconds + Math.max(0, target - active) / fillSeconds
  }

  /** Arrivals are a Poisson process: drawing a new wait after an interrupted one keeps the distribution. */
  function scheduleArrival(): void {
    const waitMs = (-Math.log(1 - random()) / arrivalsPerSecond()) * 1000
    const arrives = waitMs <= maxArrivalWaitMs
    cancelArrival = clock.after(arrives ? waitMs : maxArrivalWaitMs, () => {
      if (arrives) addShopper()
      scheduleArrival()
    })
  }

  function addShopper(): void {
    const eventSender = options.createEventSender(createIdentity(random))
    const { origin } = options
    shoppers.add(startShopper({ eventSender, clock, now: realClock.now, random, origin }))
  }

  return {
    open(since) {
      cancelArrival()
      if (since >= realClock.now()) {
        clock = realClock
        scheduleArrival()
        return
      }
      const catchUpClock = createCatchUpClock(since, realClock)
      clock = catchUpClock
      isBackfilling = true
      scheduleArrival()
      catchUpClock.catchUp()
      isBackfilling = false
    },
    close() {
      cancelArrival()
      for (const shopper of shoppers) shopper.leave()
    },
    stop() {
      cancelArrival()
      for (const shopper of shoppers) shopper.stop()
    },
    onServerRestart() {
      for (const shopper of shoppers) shopper.onServerRestart()
    },
    get activeShoppers() {
      return count(isActive)
    },
  }
}

function targetAt(now: number): number {
  const offsets = targetWaves.map(
    ({ shoppers, periodMs }) => shoppers * Math.sin((2 * Math.PI * now) / periodMs),
  )
  return offsets.reduce((sum, offset) => sum + offset, meanShoppers)
}

function createIdentity(random: () => number): BrowserIdentity {
  const userAgent = pickWeighted(userAgents, random)
  const country = pickWeighted(countries, random)
  return {
    client: `simulated-${randomId(random)}`,
    visitorId: `simulated-${randomId(random)}`,
    userAgent,
    country,
    ...browserFactsOf({ userAgent, country }, random),
  }
}

function randomId(random: () => number): string {
  const part = (): string => Math.floor(random() * 2 ** 32).toString(36)
  return `${part()}${part()}`
}
