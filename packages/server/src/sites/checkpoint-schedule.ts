import type { Clock } from '../shared/clock.ts'

/** Sites with unsaved changes, and the pace at which their checkpoints are written. */
export interface CheckpointSchedule {
  /** Records that a site has unsaved changes. */
  markDirty(site: string): void
  /** Records that a site has no unsaved changes. */
  markClean(site: string): void
  /** All sites with unsaved changes, the one that has waited longest first. */
  readonly dirty: readonly string[]
  /** Time of the oldest unsaved change, in milliseconds since 1970; `undefined` for none. */
  readonly oldest: number | undefined
  /**
   * Returns the sites to save in this tick. Changes gather for half of `checkpointMs`. Due
   * checkpoints are then spread evenly over the ticks of the other half.
   */
  nextDue(): string[]
}

export interface CheckpointScheduleOptions {
  clock: Pick<Clock, 'now'>
  /** Longest time from a change to its checkpoint, in milliseconds. */
  checkpointMs: number
  /** Time between two ticks, in milliseconds. */
  tickMs: number
}

export function createCheckpointSchedule(options: CheckpointScheduleOptions): CheckpointSchedule {
  const { clock, checkpointMs, tickMs } = options
  /** When each site became dirty, the earliest first. */
  const dirtySince = new Map<string, number>()

  return {
    markDirty(site) {
      if (!dirtySince.has(site)) dirtySince.set(site, clock.now())
    },
    markClean: site => void dirtySince.delete(site),
    get dirty() {
      return [...dirtySince.keys()]
    },
    get oldest() {
      const [first] = dirtySince.values()
      return first
    },
    nextDue() {
      const now = clock.now()
      const due = [...dirtySince].filter(([, since]) => since <= now - checkpointMs / 2)
      const [[, earliest] = [undefined, now]] = due
      const ticks = Math.max(1, Math.floor((earliest + checkpointMs - now) / tickMs))
      return due.slice(0, Math.ceil(due.length / ticks)).map(([site]) => site)
    },
  }
}
