import type { Snapshot } from '@tidemark/protocol'
import type { Clock, MetricsAnswer } from '@tidemark/server'
import { createCourier } from './shoppers/courier.ts'
import { type Crowd, createCrowd } from './shoppers/crowd.ts'
import { createPost } from './shoppers/post.ts'
import { createTakenPresence } from './shoppers/presence.ts'

export interface SimulationOptions {
  /** The site's address in the API: `http://127.0.0.1:4711/api/sites/demo`. */
  endpoint: string
  /** Where the shop is. */
  origin: string
  random: () => number
  onRefused(reason: string): void
}

/** The simulated shoppers, with a switch. */
export interface Simulation {
  readonly isOn: boolean
  /** Shoppers whom the server counts as here. */
  readonly present: number
  turn(position: 'on' | 'off'): void
  /** Says that the analytics server has started again. */
  serverRestarted(): void
  stop(): void
}

/** As much of the past as the chart on the dashboard shows. */
const pastMs = 60 * 60_000

export function startSimulation({ endpoint, ...options }: SimulationOptions): Simulation {
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
  const { onRefused } = options
  const taken = createTakenPresence(now)
  const post = createPost({
    endpoint: `${endpoint}/events`,
    fetch,
    now,
    signal,
    onRefused,
    onTaken: ({ sender, events }) => taken.take(sender.visitorId, events),
  })
  const crowd: Crowd = createCrowd({
    ...options,
    clock,
    createCourier: sender => createCourier({ sender, post, clock, random: options.random }),
  })
  let isOn = false
  let isFirst = true

  async function open(): Promise<void> {
    const since = isFirst ? await endOfHistory(endpoint, now(), signal) : now()
    const others = await visitorsAt(endpoint, signal)
    isFirst = false
    if (isOn) crowd.open(since, others)
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
    serverRestarted() {
      taken.forgetSignals()
      crowd.serverRestarted()
    },
    stop() {
      ending.abort()
      crowd.stop()
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

/** Visitors who are here already: of an earlier start, or real ones. */
async function visitorsAt(site: string, signal: AbortSignal): Promise<number> {
  try {
    const response = await fetch(`${site}/realtime?channels=currentVisitors`, { signal })
    const { currentVisitors = 0 } = (await response.json()) as Snapshot
    return currentVisitors
  } catch {
    return 0
  }
}
