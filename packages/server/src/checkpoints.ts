import type { Clock } from './clock.ts'
import { type Log, LogUnavailableError } from './log/log.ts'
import type { Capture } from './rollup/site.ts'
import type { Tiers } from './rollup/tiers.ts'

/** Time within which a change is kept, in milliseconds. It bounds what a start has to fold again. */
const defaultCheckpointMs = 30_000
/** Checkpoints are spread over turns, so that no turn has many of them. */
const longestTurnMs = 1000
/** How often sites that nothing happens on are looked at, so that their hours and days are closed. */
const visitMs = 60 * 60_000

/**
 * How long each tier is kept. Late events are 48 hours old at most, and an hour more is for those that are
 * on their way.
 */
export const retentionMs: Readonly<Record<'minute' | 'hour', number>> = {
  minute: 49 * 3_600_000,
  hour: 90 * 24 * 3_600_000,
}

/** What a checkpoint needs of a site. */
export interface Capturable {
  /** Lets time pass, as nobody else may on a site that nobody reads. */
  advance(now: number): void
  capture(): Capture
  readonly history: { readonly tiers: Pick<Tiers, 'closedUpTo'> }
}

/**
 * Keeps what sites have become, one site at a time, and forgets the log before it. Each site has its own
 * offset, so that none waits for another, and a start folds only what is after it.
 */
export interface Checkpoints {
  /** Begins to keep and to forget. Before, what is in the log may be of sites that nobody has told of yet. */
  start(): void
  /** Says that a site is what it was kept as, or new. */
  add(site: string, state: Capturable, offset: number): void
  /** Says that a record was folded. */
  folded(site: string, offset: number): void
  remove(site: string): void
  /** The last record of a site that is in its checkpoint. */
  offsetOf(site: string): number
  /** Keeps everything that can be kept. */
  close(): void
}

interface Place {
  readonly state: Capturable
  /** The last record that was kept, and the last that was folded. */
  kept: number
  folded: number
}

export function createCheckpoints(
  log: Log,
  clock: Clock,
  checkpointMs: number = defaultCheckpointMs,
): Checkpoints {
  const turnMs = Math.min(longestTurnMs, checkpointMs / 4)
  const places = new Map<string, Place>()
  /** Sites with something to keep, and since when, the longest waiting first. */
  const waiting = new Map<string, number>()
  let last = 0
  let cancelTurn = (): void => {}
  let cancelVisit = (): void => {}

  function keep(site: string, place: Place): void {
    place.state.advance(clock.now())
    const capture = place.state.capture()
    const { state, segments, parts } = capture
    const offset = place.folded
    log.store.commit(site, { offset, state, segments, parts })
    capture.done()
    place.kept = offset
    forget(site, place)
  }

  function forget(site: string, { state }: Place): void {
    const { hour, day } = state.history.tiers.closedUpTo
    log.store.forget(site, 'minute', Math.min(hour, clock.now() - retentionMs.minute))
    log.store.forget(site, 'hour', Math.min(day, clock.now() - retentionMs.hour))
  }

  /** Whether it could be kept. On a full disk it is tried again until it can. */
  function tryToKeep(site: string): boolean {
    const place = places.get(site)
    waiting.delete(site)
    if (!place) return true
    try {
      keep(site, place)
      return true
    } catch (error) {
      if (!(error instanceof LogUnavailableError)) throw error
      wait(site)
      return false
    }
  }

  function turn(): void {
    cancelTurn = clock.after(turnMs, turn)
    const sites = nextToKeep()
    if (sites.every(tryToKeep) && sites.length > 0) trim()
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
    for (const [site, { folded }] of places) if (folded > 0) wait(site)
  }

  /** Forgets the records that every site has in its checkpoint. */
  function trim(): void {
    let before = last + 1
    for (const { kept, folded } of places.values()) {
      if (folded > kept) before = Math.min(before, kept + 1)
    }
    log.trim(before).catch((error: unknown) => {
      // What could not be forgotten is forgotten after the next checkpoint.
      if (!(error instanceof LogUnavailableError)) throw error
    })
  }

  return {
    start() {
      cancelTurn = clock.after(turnMs, turn)
      cancelVisit = clock.after(visitMs, visit)
    },
    add(site, state, offset) {
      places.set(site, { state, kept: offset, folded: offset })
      last = Math.max(last, offset)
    },
    folded(site, offset) {
      const place = places.get(site)
      if (place) place.folded = offset
      last = Math.max(last, offset)
      wait(site)
    },
    remove(site) {
      places.delete(site)
      waiting.delete(site)
    },
    offsetOf: site => places.get(site)?.kept ?? 0,
    close() {
      cancelTurn()
      cancelVisit()
      const sites = [...waiting.keys()]
      if (sites.every(tryToKeep) && sites.length > 0) trim()
    },
  }
}
