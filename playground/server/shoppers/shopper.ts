import { type TrackedEvent, eventNames } from '@tidemark/protocol'
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

/** Signs of life that are older than this say nothing any more. */
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
      say(eventNames.heartbeat)
      stay(restMs - beatMs)
    })
  }

  function sign(): void {
    presentUntil = clock.now() + activeMs
  }

  function say(name: string): void {
    const event: TrackedEvent = { name, url: origin + path }
    if (options.now() - clock.now() <= tellableMs) courier.say(event)
  }

  function leave(): void {
    cancel()
    if (hasLeft) return
    hasLeft = true
    presentUntil = Math.min(presentUntil, clock.now() + leaveGraceMs)
    say(eventNames.leave)
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
  }
}
