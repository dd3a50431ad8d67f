import type { CooperativeTask } from '../shared/cooperative-task.ts'
import { runCooperatively } from '../shared/scheduling.ts'

export interface QueryLimits {
  /** Queries that run at the same time, of all sites. */
  maxRunning: number
  /** Queries of one site that run at the same time. */
  maxRunningPerSite: number
  /** Queries of one site that wait. */
  maxWaitingPerSite: number
  /** Queries of one network that wait or run. */
  maxPerNetwork: number
}

export interface QueryRequest<Result> {
  site: string
  /** Network of the client; `undefined` is unlimited. */
  network: string | undefined
  /** Equal keys have equal results. */
  key: string
  /** Creates the task; called when the query starts to run. */
  start(): CooperativeTask<Result>
  /** Aborted when the client no longer waits. */
  signal: AbortSignal
}

/**
 * Limits the running and waiting queries. Equal concurrent queries share one computation. A query ends when its last
 * client leaves.
 */
export interface QueryQueue<Result> {
  /**
   * Runs a query when its turn comes. The promise rejects with the error of the task, or with the reason of the signal.
   * @returns `undefined` when a limit is reached
   */
  run(request: QueryRequest<Result>): Promise<Result> | undefined
  readonly counts: QueryCounts
}

/** Queries at a moment. */
export interface QueryCounts {
  readonly running: number
  readonly waiting: number
  readonly maxRunning: number
}

/** A query with its clients, one or more. */
interface Entry<Result> {
  readonly site: string
  readonly key: string
  readonly start: () => CooperativeTask<Result>
  readonly result: PromiseWithResolvers<Result>
  /** Number of clients that wait for the result. */
  clients: number
}

/** Error of a query that no client waits for. */
const abandoned = new Error('No client waits for this query.')

export function createQueryQueue<Result>(limits: QueryLimits): QueryQueue<Result> {
  /** Waiting and running queries by key. */
  const entries = new Map<string, Entry<Result>>()
  const waiting = new Set<Entry<Result>>()
  const runningBySite = createCounter()
  const waitingBySite = createCounter()
  const clientsByNetwork = createCounter()
  let running = 0

  function runNext(): void {
    for (const entry of waiting) {
      if (running >= limits.maxRunning) return
      if (runningBySite.count(entry.site) < limits.maxRunningPerSite) void runEntry(entry)
    }
  }

  function stopWaiting(entry: Entry<Result>): void {
    if (waiting.delete(entry)) waitingBySite.change(entry.site, -1)
  }

  async function runEntry(entry: Entry<Result>): Promise<void> {
    stopWaiting(entry)
    running++
    runningBySite.change(entry.site, 1)
    try {
      entry.result.resolve(await runCooperatively(whileWanted(entry)))
    } catch (error) {
      entry.result.reject(error)
    } finally {
      running--
      runningBySite.change(entry.site, -1)
      if (entries.get(entry.key) === entry) entries.delete(entry.key)
      runNext()
    }
  }

  function leave(entry: Entry<Result>): void {
    entry.clients--
    if (entry.clients > 0) return
    // A new client starts again.
    if (entries.get(entry.key) === entry) entries.delete(entry.key)
    if (!waiting.has(entry)) return
    stopWaiting(entry)
    entry.result.reject(abandoned)
  }

  function createEntry({ site, key, start }: QueryRequest<Result>): Entry<Result> {
    const entry = { site, key, start, result: Promise.withResolvers<Result>(), clients: 0 }
    // Each client handles a rejection. Without a client, this handler prevents an unhandled rejection.
    entry.result.promise.catch(() => {})
    entries.set(key, entry)
    waiting.add(entry)
    waitingBySite.change(site, 1)
    return entry
  }

  return {
    get counts() {
      return { running, waiting: waiting.size, maxRunning: limits.maxRunning }
    },
    run(request) {
      const { site, network, key, signal } = request
      if (network !== undefined && clientsByNetwork.count(network) >= limits.maxPerNetwork) {
        return undefined
      }
      const isFull = waitingBySite.count(site) >= limits.maxWaitingPerSite
      const known = entries.get(key)
      if (!known && isFull) return undefined
      const entry = known ?? createEntry(request)
      entry.clients++
      if (network !== undefined) clientsByNetwork.change(network, 1)
      const result = untilAborted(entry.result.promise, signal).finally(() => {
        if (network !== undefined) clientsByNetwork.change(network, -1)
        leave(entry)
      })
      runNext()
      return result
    },
  }
}

/** Runs the task of an entry until no client waits for it. */
function* whileWanted<Result>(entry: Entry<Result>): CooperativeTask<Result> {
  const task = entry.start()
  for (;;) {
    const step = task.next()
    if (step.done) return step.value
    if (entry.clients === 0) throw abandoned
    yield
  }
}

function untilAborted<Result>(promise: Promise<Result>, signal: AbortSignal): Promise<Result> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(abandoned)
    if (signal.aborted) onAbort()
    signal.addEventListener('abort', onAbort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}

interface Counter {
  count(key: string): number
  change(key: string, by: number): void
}

/** Counts by key, without entries for 0. */
function createCounter(): Counter {
  const counts = new Map<string, number>()
  const count = (key: string): number => counts.get(key) ?? 0
  return {
    count,
    change(key, by) {
      const next = count(key) + by
      if (next === 0) counts.delete(key)
      else counts.set(key, next)
    },
  }
}
