import { type Log, LogUnavailableError } from '../log/log.ts'
import { type RetentionMs, defaultRetentionMs, retainedFrom } from '../rollup/history/retention.ts'
import { tiers } from '../rollup/history/tier.ts'
import type { Tiers } from '../rollup/history/tiers.ts'
import type { Capture } from '../rollup/site-capture.ts'
import type { Clock } from '../shared/clock.ts'
import type { CooperativeTask } from '../shared/cooperative-task.ts'
import { runCooperatively } from '../shared/scheduling.ts'
import { createCheckpointSchedule } from './checkpoint-schedule.ts'

const defaultCheckpointMs = 30_000
/** Longest time between two ticks. Each tick writes a share of the due checkpoints. */
const maxTickMs = 1000
/** How often idle sites are saved as well, so that their hours and days are closed. */
const idleSweepMs = 60 * 60_000

/** The part of a site's state that a checkpoint needs. */
export interface Capturable {
  /** Advances the time of a site, which nothing else does for a site without readers. */
  advance(now: number): void
  capture(): CooperativeTask<Capture>
  readonly history: { readonly tiers: Pick<Tiers, 'closedBefore'> }
}

/**
 * Saves the state of sites, one site at a time, then trims the log and expires old buckets. Each site has its own
 * offset: no site waits for another, and a start folds only the records after that offset.
 */
export interface Checkpoints {
  /** Starts to save and trim. Before this call the log may have records of sites that are not added yet. */
  start(): void
  /**
   * Adds a site as its checkpoint left it, or a new site.
   * @param hasCheckpoint an import writes a checkpoint at offset 0. @default whether the offset is greater than 0
   */
  add(site: string, state: Capturable, offset: number, hasCheckpoint?: boolean): void
  /** Records that a log record was folded into a site. */
  markFolded(site: string, offset: number): void
  remove(site: string): void
  /** Returns the offset of the last record in a site's checkpoint. */
  savedOffsetOf(site: string): number
  /** Time of the oldest change that is in no checkpoint, in milliseconds since 1970; `undefined` for none. */
  readonly unsavedSince: number | undefined
  /**
   * Saves all changes.
   * @throws {LogUnavailableError} when a checkpoint could not be written; its events are still in the log
   */
  close(): Promise<void>
}

export interface CheckpointsOptions {
  log: Log
  clock: Clock
  /**
   * Longest time from a change to its checkpoint, in milliseconds. It bounds the records that a start folds. @default
   * 30 seconds
   */
  checkpointMs?: number | undefined
  /** Retention of buckets. @default 48 hours for minutes, 90 days for hours, unlimited for days */
  retentionMs?: RetentionMs
  /** Receives errors of single sites, except for an unavailable log. */
  onError(error: unknown): void
  /** Receives the duration of each checkpoint, in milliseconds. @default none */
  onSaved?: ((ms: number) => void) | undefined
}

interface SiteProgress {
  readonly state: Capturable
  /** Offset of the last record in the checkpoint. */
  savedOffset: number
  /** Offset of the last folded record. */
  foldedOffset: number
  /** Whether the site had a checkpoint when it was added. */
  readonly hasCheckpoint: boolean
}

export function createCheckpoints(options: CheckpointsOptions): Checkpoints {
  const { log, clock, checkpointMs = defaultCheckpointMs, onError } = options
  const { retentionMs = defaultRetentionMs } = options
  const tickMs = Math.min(maxTickMs, checkpointMs / 4)
  const sites = new Map<string, SiteProgress>()
  const schedule = createCheckpointSchedule({ clock, checkpointMs, tickMs })
  let lastOffset = 0
  let cancelTick = (): void => {}
  let cancelSweep = (): void => {}
  /** Resolves when the last started saving has ended. */
  let saving = Promise.resolve()
  let isSaving = false

  async function save(site: string, progress: SiteProgress): Promise<void> {
    const startedAt = clock.now()
    progress.state.advance(startedAt)
    const offset = progress.foldedOffset
    const { markStored, ...captured } = await runCooperatively(progress.state.capture())
    const committed = log.store.commit(site, { offset, ...captured })
    markStored()
    await committed
    options.onSaved?.(clock.now() - startedAt)
    progress.savedOffset = offset
    const { hour, day } = progress.state.history.tiers.closedBefore
    // An hour or a day that is not closed yet is still read from finer buckets.
    const neededFrom = { minute: hour, hour: day, day: Infinity }
    for (const tier of tiers) {
      const before = Math.min(neededFrom[tier], retainedFrom(retentionMs, tier, clock.now()))
      if (before > -Infinity) await log.store.expire(site, tier, before)
    }
  }

  /** Returns the error of an unavailable log, for which the work is retried later. Reports any other error. */
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

  /** Saves sites one after the other, so that other work runs in between, and then trims the log. */
  async function saveAll(names: readonly string[]): Promise<LogUnavailableError | undefined> {
    let failure: LogUnavailableError | undefined
    for (const site of names) {
      const progress = sites.get(site)
      schedule.markClean(site)
      if (!progress) continue
      const error = await attempt(
        () => save(site, progress),
        () => schedule.markDirty(site),
      )
      failure = error ?? failure
    }
    if (failure || names.length === 0) return failure
    return attempt(() => log.trim(firstNeededOffset()))
  }

  async function saveInBackground(names: readonly string[]): Promise<void> {
    isSaving = true
    try {
      await saveAll(names)
    } finally {
      isSaving = false
    }
  }

  function tick(): void {
    cancelTick = clock.after(tickMs, tick)
    const due = isSaving ? [] : schedule.nextDue()
    if (due.length > 0) saving = saveInBackground(due)
  }

  function sweepIdleSites(): void {
    cancelSweep = clock.after(idleSweepMs, sweepIdleSites)
    for (const [site, { foldedOffset, hasCheckpoint }] of sites) {
      // A site without events and without a checkpoint has nothing to save.
      if (hasCheckpoint || foldedOffset > 0) schedule.markDirty(site)
    }
  }

  /** Returns the offset of the first record that is missing in the checkpoint of its site. */
  function firstNeededOffset(): number {
    let first = lastOffset + 1
    for (const { savedOffset, foldedOffset } of sites.values()) {
      if (foldedOffset > savedOffset) first = Math.min(first, savedOffset + 1)
    }
    return first
  }

  return {
    start() {
      cancelTick = clock.after(tickMs, tick)
      cancelSweep = clock.after(idleSweepMs, sweepIdleSites)
    },
    add(site, state, offset, hasCheckpoint = offset > 0) {
      sites.set(site, { state, savedOffset: offset, foldedOffset: offset, hasCheckpoint })
      lastOffset = Math.max(lastOffset, offset)
    },
    markFolded(site, offset) {
      const progress = sites.get(site)
      if (progress) progress.foldedOffset = offset
      lastOffset = Math.max(lastOffset, offset)
      schedule.markDirty(site)
    },
    remove(site) {
      sites.delete(site)
      schedule.markClean(site)
    },
    get unsavedSince() {
      return schedule.oldest
    },
    savedOffsetOf: site => sites.get(site)?.savedOffset ?? 0,
    async close() {
      cancelTick()
      cancelSweep()
      // A failed checkpoint makes its site dirty again, and the site is saved below.
      await Promise.allSettled([saving])
      const failure = await saveAll(schedule.dirty)
      if (failure) throw failure
    },
  }
}
