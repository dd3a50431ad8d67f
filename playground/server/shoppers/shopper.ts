import { eventNames } from '@tidemark/protocol'
import type { Clock } from '@tidemark/server'
import type { Courier } from './courier.ts'
import { activeMs, leaveGraceMs } from './presence.ts'
import { type Step, planVisit } from './visit.ts'

/** One visit under way, or over. */
export interface Shopper {
  /** When this shopper does not count as here any more, unless something happens before. */
  readonly presentUntil: number
  readonly isBehind: boolean
  /** Ends the visit now, and says so. */
  leave(): void
  /** Ends the visit without a word. */
  vanish(): void
  /** The server has started again and knows nothing of who has left. */
  serverRestarted(): void
}

export interface ShopperOptions {
  courier: Courier
  /** The time in which the visit happens, which may be the past. */
  clock: Clock
  /** Milliseconds since 1970, now. */
  now(): number
  random: () => number
  /** Where the shop is: `http://127.0.0.1:4711`. */
  origin: string
}

/** As the tracker does it by default. */
const heartbeatMs = 30_000

/** A heartbeat that is older than this says nothing any more. */
const tellableMs = 2000

/** Most people leave a tab open, or a phone puts it to sleep; only some close it. */
const closes = 0.2

/** Sends a shopper through the shop, as a browser with the tracker on every page would. */
export function startShopper(options: ShopperOptions): Shopper {
  const { courier, clock, random, origin } = options
  const visit = planVisit(random)
  const isCloser = random() < closes
  let cancel = (): void => {}
  let path = ''
  let presentUntil = 0
  let hasLeft = false

  function go(): void {
    const { value: step } = visit.next()
    if (step) take(step)
    else if (isCloser) leave()
    // The server lets the others go by itself at that time. But to it a visit is as young as its arrival,
    // so one that was made up from the past has to be ended.
    else cancel = clock.after(presentUntil - leaveGraceMs - clock.now(), leave)
  }

  function take(step: Step): void {
    const { name, title, referrer, properties, value, thenMs } = step
    path = step.path
    sign()
    courier.add({
      name,
      timestamp: clock.now(),
      url: origin + path,
      title,
      properties: { ...properties },
      ...(referrer !== undefined && { referrer }),
      ...(value !== undefined && { value }),
    })
    stay(thenMs)
  }

  /** Reads on for a while, with a heartbeat now and then. */
  function stay(restMs: number): void {
    const beatMs = Math.min(restMs, heartbeatMs)
    cancel = clock.after(beatMs, () => {
      if (restMs <= heartbeatMs) return go()
      sign()
      beat()
      stay(restMs - beatMs)
    })
  }

  function sign(): void {
    presentUntil = clock.now() + activeMs
  }

  function beat(): void {
    const isNow = options.now() - clock.now() <= tellableMs
    if (isNow) courier.beat({ name: eventNames.heartbeat, url: origin + path })
  }

  function leave(): void {
    cancel()
    if (hasLeft) return
    hasLeft = true
    const isCounted = presentUntil > options.now()
    presentUntil = Math.min(presentUntil, clock.now() + leaveGraceMs)
    if (isCounted) sayLeft()
  }

  function sayLeft(): void {
    courier.leave({ name: eventNames.leave, url: origin + path })
  }

  go()
  return {
    get presentUntil() {
      return presentUntil
    },
    get isBehind() {
      return courier.isBehind
    },
    leave,
    vanish: () => cancel(),
    serverRestarted() {
      // A browser would not say it again; this is for those of whom none would have said it at all.
      if (hasLeft && !isCloser) sayLeft()
    },
  }
}
