import {
  type ActivePage,
  type CountryRow,
  type Device,
  type DeviceRow,
  type FeedEntry,
  type SourceRow,
  type WindowMinutes,
  eventNames,
} from '@tidemark/protocol'
import { type RollupBounds, type Tally, defaultBounds } from './bounds.ts'
import type { PresenceSignal, SiteBatch } from './event.ts'
import { createFeed } from './feed.ts'
import { type MinuteBucket, createMinutes } from './minutes.ts'
import { createOnce } from './once.ts'
import { createPresence } from './presence.ts'
import type { RankedName } from './ranking.ts'
import { createSlidingCount } from './window.ts'

/**
 * The state of one site, folded from its log records in the order of their offsets. Pure: no I/O, no
 * clock of its own. Time is what records and `advance` say, and never goes back.
 */
export interface SiteState {
  /** Folds one record. Returns how many of its events were new. */
  apply(batch: SiteBatch): number
  /** Takes a sign of life. It is not in the log. */
  signal(signal: PresenceSignal, now: number): void
  /** Lets time pass: visitors end, windows slide, old minutes are forgotten. */
  advance(now: number): void
  /** Whether time passing changes nothing that is shown live. */
  isAtRest(): boolean
  currentVisitors(): number
  activePages(): ActivePage[]
  referrers(): SourceRow[]
  countries(): CountryRow[]
  devices(): DeviceRow[]
  pageViews(minutes: WindowMinutes): number
  recentEvents(): readonly FeedEntry[]
  /** The minute that holds `at`, in milliseconds since 1970. */
  minute(at: number): MinuteBucket | undefined
  /** What the bounds turned away. */
  readonly turnedAway: Tally
}

export function createSiteState(bounds: RollupBounds = defaultBounds): SiteState {
  const turnedAway: Tally = new Map()
  const presence = createPresence(bounds, turnedAway)
  const once = createOnce(bounds, turnedAway)
  const minutes = createMinutes(bounds, turnedAway)
  const feed = createFeed(bounds.maxFeedEntries)
  const pageViews = createSlidingCount()
  let now = 0

  function advance(to: number): void {
    now = Math.max(now, to)
    presence.advance(now)
    once.advance(now)
    minutes.advance(now)
    pageViews.advance(now)
  }

  return {
    apply(batch) {
      advance(batch.receivedAt)
      let taken = 0
      for (const { index, event } of batch.events) {
        const { client, n } = event
        if (client !== undefined && n !== undefined && !once.take(client, n, now)) continue
        taken++
        minutes.add(event.name, event.path, event.at)
        if (event.name === eventNames.pageView) pageViews.add(event.at)
        // A late event is history: it says nothing about who is here now or what happened last.
        if (event.at + bounds.activeMs <= batch.receivedAt) continue
        presence.see(event.visitor, event, now)
        feed.add(`${batch.offset}-${index}`, event)
      }
      return taken
    },
    signal(signal, at) {
      advance(at)
      if (signal.kind === 'leave') presence.leave(signal.visitor, signal.path, now)
      else presence.see(signal.visitor, signal, now)
    },
    advance,
    isAtRest: () => presence.count() === 0 && pageViews.isEmpty(),
    currentVisitors: presence.count,
    activePages: memo(presence.pages, ({ name, count, rest }) => ({
      path: name,
      visitors: count,
      ...(rest && { rest }),
    })),
    referrers: memo(presence.sources, ({ name, count, rest }) => ({
      source: name,
      visitors: count,
      ...(rest && { rest }),
    })),
    countries: memo(presence.countries, ({ name, count, rest }) => ({
      country: name,
      visitors: count,
      ...(rest && { rest }),
    })),
    devices: memo(presence.devices, ({ name, count, rest }) => ({
      device: toDevice(name),
      visitors: count,
      ...(rest && { rest }),
    })),
    pageViews: pageViews.within,
    recentEvents: feed.entries,
    minute: minutes.get,
    turnedAway,
  }
}

/** Rows that are made again only when the ranking below them has changed. */
function memo<Row>(
  read: () => readonly RankedName[],
  toRow: (ranked: RankedName) => Row,
): () => Row[] {
  let from: readonly RankedName[] | undefined
  let rows: Row[] = []
  return () => {
    const ranked = read()
    if (ranked !== from) rows = ranked.map(toRow)
    from = ranked
    return rows
  }
}

const deviceNames: readonly Device[] = ['desktop', 'mobile', 'tablet', 'tv', 'bot', 'other']

function toDevice(name: string): Device {
  return deviceNames.find(device => device === name) ?? 'other'
}
