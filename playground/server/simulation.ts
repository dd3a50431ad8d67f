import { eventNames } from '@tidemark/protocol'
import type { Clock, MetricsAnswer } from '@tidemark/server'
import { createBatchTransport } from './shoppers/batch-transport.ts'
import { createEventSender } from './shoppers/event-sender.ts'
import { loadLoggedShoppers, saveLoggedShoppers } from './shoppers/logged-shoppers.ts'
import { type LoggedShopper, createShopperPresence } from './shoppers/presence.ts'
import { createShopperPool } from './shoppers/shopper-pool.ts'

export interface SimulationOptions {
  /** URL of the site in the API: `http://127.0.0.1:4711/api/sites/demo`. */
  endpoint: string
  /** Origin of the shop. */
  origin: string
  /** File for the shoppers that the server may still count as active when the playground closes. */
  loggedShoppersFile: string
  random: () => number
  /** Receives a sentence for each error. */
  onError(message: string): void
}

/** The simulated shoppers, with a switch. */
export interface Simulation {
  readonly isOn: boolean
  /** Simulated shoppers that the server counts as active. */
  readonly activeShoppers: number
  setOn(isOn: boolean): void
  /** Reads the number of active shoppers that an earlier start left in the analytics server, which must be running. */
  restore(): Promise<void>
  /** Adapts to a restart of the analytics server. */
  onServerRestart(): void
  stop(): Promise<void>
}

/** Span of the dashboard's chart, which the first start backfills. */
const backfillMs = 60 * 60_000

/** Longest time from the end of the imported history, an hour before the import, to the first start. */
const importMs = 10 * 60_000

const clock: Clock = {
  now: Date.now,
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs)
    return () => clearTimeout(timer)
  },
}

export function createSimulation(options: SimulationOptions): Simulation {
  const { endpoint, loggedShoppersFile, random, origin, onError } = options
  const stopping = new AbortController()
  const presence = createShopperPresence(clock.now)
  const transport = createBatchTransport({
    endpoint: `${endpoint}/events`,
    fetch,
    now: clock.now,
    onRejected: reason =>
      onError(`The server rejected an event of a simulated shopper: ${reason}.`),
    onAccepted: ({ identity, events }) => presence.record(identity.visitorId, events),
  })
  const { sendBatch } = transport
  const pool = createShopperPool({
    clock,
    random,
    origin,
    countEarlier: () => presence.countRestored(),
    createEventSender: identity => createEventSender({ identity, sendBatch, clock, random }),
  })
  let isRestored = false
  let restored: readonly LoggedShopper[] = []
  let isOn = false
  let isFirstStart = true

  /** Ends the visits of an earlier start. */
  function leaveRestored(): void {
    for (const { visitorId, url } of restored) {
      const identity = { client: visitorId, visitorId, userAgent: '', country: '' }
      void sendBatch({ identity, events: [{ name: eventNames.leave, url }] })
    }
    restored = []
  }

  async function openPool(): Promise<void> {
    const now = clock.now()
    const since = isFirstStart ? await findBackfillStart(endpoint, now, stopping.signal) : now
    isFirstStart = false
    if (isOn) pool.open(since)
  }

  return {
    get isOn() {
      return isOn
    },
    get activeShoppers() {
      return presence.count()
    },
    setOn(value) {
      if (isOn === value) return
      isOn = value
      if (isOn) void openPool()
      else {
        pool.close()
        leaveRestored()
      }
    },
    async restore() {
      isRestored = true
      restored = await loadLoggedShoppers(loggedShoppersFile)
      presence.restore(restored)
    },
    onServerRestart() {
      presence.discardHeartbeats()
      pool.onServerRestart()
    },
    async stop() {
      stopping.abort()
      pool.stop()
      await transport.close()
      if (!isRestored) return
      await saveLoggedShoppers(loggedShoppersFile, presence.loggedShoppers()).catch(
        (error: unknown) => {
          onError(`Cannot save the simulated shoppers to ${loggedShoppersFile}: ${String(error)}`)
        },
      )
    },
  }
}

/**
 * Returns the start of the backfill: the minute after the last event of the past hour or of the imported history, or
 * one hour ago without events. Returns `now` (no backfill) when the server does not answer.
 */
async function findBackfillStart(site: string, now: number, signal: AbortSignal): Promise<number> {
  const from = now - backfillMs
  try {
    const query = `from=${from - importMs}&to=${now}`
    const response = await fetch(`${site}/metrics?${query}`, { signal })
    const { buckets } = (await response.json()) as MetricsAnswer
    const last = buckets.findLast(bucket => bucket.events > 0)
    return last ? last.at + 60_000 : from
  } catch {
    return now
  }
}
