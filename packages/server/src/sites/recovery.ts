import { parseDecision, rebuildEvents } from '../ingest/decide.ts'
import type { Damage, Log } from '../log/log.ts'
import type { DamagedParts, StoredSite } from '../log/store.ts'
import type { SiteBatch } from '../rollup/event.ts'
import type { Clock } from '../shared/clock.ts'

/** Result of a recovery, with the damage of the log. */
export interface Recovery extends Damage {
  /** Records that were newer than the checkpoint of their site. */
  records: number
  /** Events of these records that were counted. */
  events: number
  durationMs: number
  /** Stored buckets that are damaged: their numbers are missing in history. */
  damagedParts: readonly DamagedParts[]
}

export interface RecoveryOptions {
  log: Log
  clock: Clock
  /** Creates a site from its checkpoint. */
  restore(stored: StoredSite): void
  /** Returns the offset of the last record in a site's checkpoint. */
  savedOffsetOf(site: string): number
  /** Applies a record to its site, and returns the number of counted events. */
  fold(site: string, batch: SiteBatch): number
}

/** Restores every site from its checkpoint, and folds the newer records of the log. */
export async function recover(options: RecoveryOptions): Promise<Recovery> {
  const { log, clock, restore, savedOffsetOf, fold } = options
  const startedAt = clock.now()
  let records = 0
  let events = 0
  const sites: string[] = []
  for (const stored of log.store.sites()) {
    restore(stored)
    sites.push(stored.site)
  }
  for await (const { offset, site, receivedAt, body, decision } of log.read(0)) {
    if (offset <= savedOffsetOf(site)) continue
    const rebuilt = rebuildEvents(body, parseDecision(decision), receivedAt)
    events += fold(site, { offset, receivedAt, ...rebuilt })
    records++
  }
  const damagedParts = sites.flatMap(site => log.store.damaged(site))
  return { records, events, durationMs: clock.now() - startedAt, damagedParts, ...log.damage }
}
