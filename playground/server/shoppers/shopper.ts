import { eventNames } from '@tidemark/protocol'
import type { Clock } from '@tidemark/server'
import type { EventSender } from './event-sender.ts'
import { activeWindowMs, leaveGraceMs } from './presence.ts'
import { planVisit } from './visit.ts'
import { type VisitStep, referrerOf } from './visit-step.ts'

/** One simulated visit, in progress or ended. */
export interface Shopper {
  /** Time at which this shopper stops counting as active, unless another event follows. */
  readonly activeUntil: number
  readonly hasPendingEvents: boolean
  /** Ends the visit and sends a leave event. */
  leave(): void
  /** Ends the visit without a leave event. */
  stop(): void
  /** Sends the leave event again where a restarted server needs it. */
  onServerRestart(): void
}

export interface ShopperOptions {
  eventSender: EventSender
  /** Clock of the visit, which may run in the past. */
  clock: Clock
  /** Present time, in milliseconds since 1970. */
  now(): number
  random: () => number
  /** Origin of the shop: `http://127.0.0.1:4711`. */
  origin: string
}

/** Default interval of the tracker. */
const heartbeatMs = 30_000

/** Older heartbeats are not sent: they no longer prove presence. */
const heartbeatMaxAgeMs = 2000

/** Share of visitors that close the tab. The others leave it open, or the phone suspends it. */
const closeTabProbability = 0.2

/** Walks one shopper through the shop and sends the events that a browser with the tracker would send. */
export function startShopper(options: ShopperOptions): Shopper {
  const { eventSender, clock, random, origin } = options
  const visit = planVisit(random)
  const closesTab = random() < closeTabProbability
  let cancel = (): void => {}
  let path = ''
  let activeUntil = 0
  let hasLeft = false

  function runNextStep(): void {
    const { value: step } = visit.next()
    if (step) runStep(step)
    else if (closesTab) leave()
    // For a live visit the server's activity window ends at this time. A backfilled visit is active at
    // the server from its arrival, so it needs a leave event.
    else cancel = clock.after(activeUntil - leaveGraceMs - clock.now(), leave)
  }

  function runStep(step: VisitStep): void {
    const { name, title, query = '', properties, value, pauseMs } = step
    const referrer = referrerOf(step, path === '' ? undefined : origin + path)
    path = step.path
    extendActivity()
    eventSender.enqueue({
      name,
      timestamp: clock.now(),
      url: origin + path + query,
      title,
      properties: { ...properties },
      ...(referrer !== undefined && { referrer }),
      ...(value !== undefined && { value }),
    })
    pause(pauseMs)
  }

  /** Waits before the next step and sends heartbeats meanwhile. */
  function pause(remainingMs: number): void {
    const waitMs = Math.min(remainingMs, heartbeatMs)
    cancel = clock.after(waitMs, () => {
      if (remainingMs <= heartbeatMs) return runNextStep()
      extendActivity()
      sendHeartbeat()
      pause(remainingMs - waitMs)
    })
  }

  function extendActivity(): void {
    activeUntil = clock.now() + activeWindowMs
  }

  function sendHeartbeat(): void {
    const isRecent = options.now() - clock.now() <= heartbeatMaxAgeMs
    if (isRecent) eventSender.sendHeartbeat({ name: eventNames.heartbeat, url: origin + path })
  }

  function leave(): void {
    cancel()
    if (hasLeft) return
    hasLeft = true
    const isActive = activeUntil > options.now()
    activeUntil = Math.min(activeUntil, clock.now() + leaveGraceMs)
    if (isActive) sendLeave()
  }

  function sendLeave(): void {
    eventSender.sendLeave({ name: eventNames.leave, url: origin + path })
  }

  runNextStep()
  return {
    get activeUntil() {
      return activeUntil
    },
    get hasPendingEvents() {
      return eventSender.hasPendingEvents
    },
    leave,
    stop: () => cancel(),
    onServerRestart() {
      // A browser sends its leave event once, so shoppers that closed the tab become active again. The
      // artificial leave event of a tab that stayed open is repeated.
      if (hasLeft && !closesTab) sendLeave()
    },
  }
}
