import { parseDecision, rebuildEvents } from '../ingest/decide.ts'
import type { ReadOnlyLog } from '../log/read-only-log.ts'
import type { StoredSite } from '../log/store.ts'
import { defaultBounds } from '../rollup/bounds.ts'
import { decodeTotals } from '../rollup/bucket/parts.ts'
import { createTimeZone } from '../rollup/history/time-zone.ts'
import { type SiteState, createSiteState } from '../rollup/site.ts'
import { runToCompletion } from '../shared/cooperative-task.ts'
import { resolveImportTimeZone } from '../sites/time-zone-setting.ts'

/** Figures of all sites in a log. */
export interface LogFigures {
  readonly sites: number
  /** Events in history, without those of bots. */
  readonly events: number
  /** Milliseconds since 1970; `null` without events. */
  readonly lastEventAt: number | null
}

/** After every bucket, in milliseconds since 1970. */
const endOfTime = 8.64e15

/**
 * Builds the state of every site from its checkpoint and the later records, as a server does at its start, and reads
 * figures from it.
 * @throws {LogUnavailableError} when the state of a site is damaged
 * @throws {RangeError} when another version has written the state of a site
 */
export async function readFigures(log: ReadOnlyLog): Promise<LogFigures> {
  const { states, lastRecordAt } = await foldLog(log)
  const figures = [...states.values()].map(figuresOf)
  const lastEventAt = Math.max(lastRecordAt, ...figures.map(each => each.lastEventAt))
  return {
    sites: states.size,
    events: figures.reduce((sum, { events }) => sum + events, 0),
    lastEventAt: lastEventAt > 0 ? lastEventAt : null,
  }
}

/** Builds the state of every site. `lastRecordAt` is the time of the last record that no checkpoint has, or 0. */
export async function foldLog(
  log: ReadOnlyLog,
): Promise<{ states: ReadonlyMap<string, SiteState>; lastRecordAt: number }> {
  const zone = createTimeZone(resolveImportTimeZone(log.settings, undefined))
  const states = new Map<string, SiteState>()
  const offsets = new Map<string, number>()

  function create(site: string, stored?: StoredSite): SiteState {
    const state = createSiteState({
      bounds: defaultBounds,
      zone,
      readStored: (tier, part, from, to, limit) =>
        log.store
          .read(site, tier, part, from, to, limit)
          .map(({ start, bytes }) => ({ start, part, bytes })),
      ...(stored && { stored }),
    })
    states.set(site, state)
    return state
  }

  for (const stored of log.store.sites()) {
    create(stored.site, stored)
    offsets.set(stored.site, stored.offset)
  }
  let lastRecordAt = 0
  for await (const { offset, site, receivedAt, body, decision } of log.read(0)) {
    if (offset <= (offsets.get(site) ?? 0)) continue
    const { events } = rebuildEvents(body, parseDecision(decision), receivedAt)
    const counted = (states.get(site) ?? create(site)).apply({ offset, receivedAt, events })
    if (counted > 0) lastRecordAt = receivedAt
  }
  return { states, lastRecordAt }
}

function figuresOf(state: SiteState): { events: number; lastEventAt: number } {
  let events = 0
  let lastDay = 0
  for (const { start, bytes } of runToCompletion(
    state.history.tiers.read('day', 'totals', 0, endOfTime),
  )) {
    const totals = decodeTotals(bytes)
    events += totals.events
    if (totals.events > 0) lastDay = start
  }
  // Imported events are not in the feed. The start of their last day is known.
  return { events, lastEventAt: Math.max(lastDay, state.recentEvents()[0]?.timestamp ?? 0) }
}
