import { eventNames } from '@tidemark/protocol'
import type { Clock, MetricsAnswer } from '@tidemark/server'
import { createCourier } from './shoppers/courier.ts'
import { createCrowd } from './shoppers/crowd.ts'
import { keepLeftBehind, readLeftBehind } from './shoppers/left-behind.ts'
import { createPostOffice } from './shoppers/post.ts'
import { createTakenPresence } from './shoppers/presence.ts'

export interface SimulationOptions {
  /** The site's address in the API: `http://127.0.0.1:4711/api/sites/demo`. */
  endpoint: string
  /** Where the shop is. */
  origin: string
  /** File for those whom the server still counts when the playground is closed. */
  leftBehind: string
  random: () => number
  /** Told in a sentence of what goes wrong. */
  onTrouble(message: string): void
}

/** The simulated shoppers, with a switch. */
export interface Simulation {
  readonly isOn: boolean
  /** Shoppers whom the server counts as here. */
  readonly present: number
  turn(position: 'on' | 'off'): void
  /** Sends home who is left of an earlier start. The analytics server has to be there. */
  begin(): Promise<void>
  /** Says that the analytics server has started again. */
  serverRestarted(): void
  stop(): Promise<void>
}

/** As much of the past as the chart on the dashboard shows. */
const pastMs = 60 * 60_000

export function createSimulation(options: SimulationOptions): Simulation {
  const { endpoint, leftBehind, random, origin, onTrouble } = options
  const ending = new AbortController()
  const { signal } = ending
  const { now } = Date
  const clock: Clock = {
    now,
    after(delayMs, run) {
      const timer = setTimeout(run, delayMs)
      return () => clearTimeout(timer)
    },
  }
  const taken = createTakenPresence(now)
  const office = createPostOffice({
    endpoint: `${endpoint}/events`,
    fetch,
    now,
    onRefused: reason => onTrouble(`A simulated shopper was turned away: ${reason}.`),
    onTaken: ({ sender, events }) => taken.take(sender.visitorId, events),
  })
  const crowd = createCrowd({
    clock,
    random,
    origin,
    createCourier: sender => createCourier({ sender, post: office.post, clock, random }),
  })
  let hasBegun = false
  let isOn = false
  let isFirst = true

  async function open(): Promise<void> {
    const since = isFirst ? await endOfHistory(endpoint, now(), signal) : now()
    isFirst = false
    if (isOn) crowd.open(since)
  }

  return {
    get isOn() {
      return isOn
    },
    get present() {
      return taken.count()
    },
    turn(position) {
      if (isOn === (position === 'on')) return
      isOn = position === 'on'
      if (isOn) void open()
      else crowd.close()
    },
    async begin() {
      hasBegun = true
      taken.restore(await readLeftBehind(leftBehind))
      for (const { visitorId, url } of taken.inLog()) {
        const sender = { client: visitorId, visitorId, userAgent: '', country: '' }
        void office.post({ sender, events: [{ name: eventNames.leave, url }] })
      }
    },
    serverRestarted() {
      taken.forgetSignals()
      crowd.serverRestarted()
    },
    async stop() {
      ending.abort()
      crowd.stop()
      await office.close()
      if (!hasBegun) return
      await keepLeftBehind(leftBehind, taken.inLog()).catch((error: unknown) => {
        onTrouble(`Who is simulated could not be kept for the next start: ${String(error)}`)
      })
    },
  }
}

/**
 * From when on there is nothing in the last hour, so that a shop which has just opened looks like one
 * that has been open for a while, and one that comes back keeps what it has.
 */
async function endOfHistory(site: string, now: number, signal: AbortSignal): Promise<number> {
  const from = now - pastMs
  try {
    const response = await fetch(`${site}/metrics?from=${from}&to=${now}`, { signal })
    const { buckets } = (await response.json()) as MetricsAnswer
    const last = buckets.findLast(bucket => bucket.events > 0)
    return last ? last.at + 60_000 : from
  } catch {
    return now
  }
}
