import type { Clock } from '../shared/clock.ts'
import { type Log, LogUnavailableError } from '../log/log.ts'
import { type RetentionMs, defaultRetentionMs, retainedFrom } from '../rollup/history/retention.ts'
import type { Capture } from '../rollup/site.ts'
import type { CooperativeTask } from '../shared/cooperative-task.ts'
import { tiers } from '../rollup/history/tier.ts'
import type { Tiers } from '../rollup/history/tiers.ts'
import { runCooperatively } from '../shared/scheduling.ts'

const defaultCheckpointMs = 30_000
/** Checkpoints are spread over turns, so that no turn has many of them. */
const longestTurnMs = 1000
/** How often sites that nothing happens on are looked at, so that their hours and days are closed. */
const visitMs = 60 * 60_000

/** What a checkpoint needs of a site. */
export interface Capturable {
  /** Lets time pass, as nobody else may on a site that nobody reads. */
  advance(now: number): void
  capture(): CooperativeTask<Capture>
  readonly history: { readonly tiers: Pick<Tiers, 'closedBefore'> }
}

/**
 * Keeps what sites have become, one site at a time, and forgets the log before it. Each site has its own
 * offset, so that none waits for another, and a start folds only what is after it.
 */
export interface Checkpoints {
  /** Begins to keep and to forget. Before, what is in the log may be of sites that nobody has told of yet. */
  start(): void
  /**
   * Says that a site is what it was kept as, or new.
   * @param isKept whether there is something of it. An import keeps it at offset 0. @default where the offset is higher
   */
  add(site: string, state: Capturable, offset: number, isKept?: boolean): void
  /** Says that a record was folded. */
  markFolded(site: string, offset: number): void
  remove(site: string): void
  /** The last record of a site that is in its checkpoint. */
  savedOffsetOf(site: string): number
  /**
   * Keeps everything.
   * @throws {LogUnavailableError} when some of it could not be kept; the log still has it then
   */
  close(): Promise<void>
}

export interface CheckpointsOptions {
  log: Log
  clock: Clock
  /** Time within which a change is kept, in milliseconds. It bounds what a start has to fold again. @default 30 seconds */
  checkpointMs?: number | undefined
  /** How long buckets are kept. @default 48 hours, 90 days, for ever */
  retentionMs?: RetentionMs
  /** Told of what is wrong with a site, but for a log that cannot be written. */
  onError(error: unknown): void
}

interface Place {
  readonly state: Capturable
  /** The last record that was kept, and the last that was folded. */
  kept: number
  folded: number
  /** Whether there was something of it when it was added. */
  readonly isKept: boolean
}

export function createCheckpoints(options: CheckpointsOptions): Checkpoints {
  const { log, clock, checkpointMs = defaultCheckpointMs, onError } = options
  const { retentionMs = defaultRetentionMs } = options
  const turnMs = Math.min(longestTurnMs, checkpointMs / 4)
  const places = new Map<string, Place>()
  /** Sites with something to keep, and since when, the longest waiting first. */
  const waiting = new Map<string, number>()
  let last = 0
  let cancelTurn = (): void => {}
  let cancelVisit = (): void => {}
  /** Of the last turn that had something to keep. */
  let keeping = Promise.resolve()
  let isKeeping = false

  async function keep(site: string, place: Place): Promise<void> {
    place.state.advance(clock.now())
    const offset = place.folded
    const { markStored, ...captured } = await runCooperatively(place.state.capture())
    const committed = log.store.commit(site, { offset, ...captured })
    markStored()
    await committed
    place.kept = offset
    const { hour, day } = place.state.history.tiers.closedBefore
    // What is not over yet is made of what is finer.
    const neededFrom = { minute: hour, hour: day, day: Infinity }
    for (const tier of tiers) {
      const before = Math.min(neededFrom[tier], retainedFrom(retentionMs, tier, clock.now()))
      if (before > -Infinity) await log.store.expire(site, tier, before)
    }
  }

  /** Resolves with why the log could not be written, if so; it is tried again until it can. All else that is wrong is told. */
  async function attempt(
    work: () => Promise<void>,
    onFailure = (): void => {},
  ): Promise<LogUnavailableError | undefined> {
    try {
      await work()
    } catch (error) {
      onFailure()
      if (error instanceof LogUnavailableError) return error
      onError(error)
    }
    return undefined
  }

  /** One after the other, so that other things have their turns in between. */
  async function keepAll(sites: readonly string[]): Promise<LogUnavailableError | undefined> {
    let failure: LogUnavailableError | undefined
    for (const site of sites) {
      const place = places.get(site)
      waiting.delete(site)
      if (!place) continue
      failure =
        (await attempt(
          () => keep(site, place),
          () => wait(site),
        )) ?? failure
    }
    if (failure || sites.length === 0) return failure
    return attempt(() => log.trim(firstNeeded()))
  }

  async function keepSome(sites: readonly string[]): Promise<void> {
    isKeeping = true
    try {
      await keepAll(sites)
    } finally {
      isKeeping = false
    }
  }

  function turn(): void {
    cancelTurn = clock.after(turnMs, turn)
    const sites = isKeeping ? [] : nextToKeep()
    if (sites.length > 0) keeping = keepSome(sites)
  }

  /** For half of the time changes gather; what is due then is spread over the turns that are left. */
  function nextToKeep(): string[] {
    const now = clock.now()
    const due = [...waiting].filter(([, at]) => at <= now - checkpointMs / 2)
    const [[, first] = [undefined, now]] = due
    const turns = Math.max(1, Math.floor((first + checkpointMs - now) / turnMs))
    return due.slice(0, Math.ceil(due.length / turns)).map(([site]) => site)
  }

  function wait(site: string): void {
    if (!waiting.has(site)) waiting.set(site, clock.now())
  }

  function visit(): void {
    cancelVisit = clock.after(visitMs, visit)
    // One that was only ever named is nothing to keep.
    for (const [site, { folded, isKept }] of places) if (isKept || folded > 0) wait(site)
  }

  /** The first record that some site does not have in its checkpoint. */
  function firstNeeded(): number {
    let first = last + 1
    for (const { kept, folded } of places.values()) {
      if (folded > kept) first = Math.min(first, kept + 1)
    }
    return first
  }

  return {
    start() {
      cancelTurn = clock.after(turnMs, turn)
      cancelVisit = clock.after(visitMs, visit)
    },
    add(site, state, offset, isKept = offset > 0) {
      places.set(site, { state, kept: offset, folded: offset, isKept })
      last = Math.max(last, offset)
    },
    markFolded(site, offset) {
      const place = places.get(site)
      if (place) place.folded = offset
      last = Math.max(last, offset)
      wait(site)
    },
    remove(site) {
      places.delete(site)
      waiting.delete(site)
    },
    savedOffsetOf: site => places.get(site)?.kept ?? 0,
    async close() {
      cancelTurn()
      cancelVisit()
      // What is being kept and fails waits again.
      await Promise.allSettled([keeping])
      const failure = await keepAll([...waiting.keys()])
      if (failure) throw failure
    },
  }
}
