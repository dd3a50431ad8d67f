import { type SeriesRow, eventNames } from '@tidemark/protocol'
import type { ByteReader, ByteWriter } from '../shared/bytes.ts'
import type { OverflowCounts, RollupBounds } from './bounds.ts'
import type { SiteEvent } from './event.ts'
import {
  countBot,
  countGroup,
  countOtherHost,
  countProperties,
  countValue,
  pageOf,
} from './fold/count-event.ts'
import { type CountedVisit, createVisitCounter } from './fold/count-visit.ts'
import { createPageViewBatch } from './fold/page-view-batch.ts'
import { type ClosedBefore, createClosePoints } from './history/close-points.ts'
import { createOpenBuckets } from './history/open-buckets.ts'
import { type PropertiesToday, createPropertiesToday } from './history/properties-today.ts'
import { type Seconds, createSeconds } from './history/seconds.ts'
import type { TotalsCache } from './history/stored-totals.ts'
import type { ReadStoredParts } from './history/tier.ts'
import type { PendingCheckpoint } from './history/tier-checkpoint.ts'
import { type Tiers, createTiers } from './history/tiers.ts'
import type { TimeZone } from './history/time-zone.ts'
import { createMinuteSeries } from './live/minute-series.ts'
import type { Hash } from './sketch/hash.ts'

/** Read access to a site's history: by seconds in memory, and by minutes, hours and days. */
export interface SiteHistory {
  readonly seconds: Pick<Seconds, 'range'>
  readonly tiers: Pick<Tiers, 'totals' | 'read' | 'eachOfRange' | 'closedBefore'>
  readonly zone: TimeZone
  readonly bounds: RollupBounds
}

/** Live series. Each one is the same array until a row of it may have changed. */
export interface SeriesRows {
  /** The seconds of the last minute that have events. */
  secondSeries(): readonly SeriesRow[]
  /** The minutes of the last hour that have events. */
  minuteSeries(): readonly SeriesRow[]
}

/** Counts events in the second and minute in which they happened. */
export interface HistoryState {
  readonly rows: SeriesRows
  readonly view: SiteHistory
  /** Events of today by the properties that somebody reads. */
  readonly propertiesToday: PropertiesToday
  /**
   * Counts an event group, a number of events that differ only in page and value.
   * @param event first event of the group
   * @param times number of events in the group
   */
  countGroup(event: SiteEvent, visitor: Hash, times: number): void
  /** Counts the value of one event, and collects its page. `flush` counts the page. */
  countPageAndValue(event: SiteEvent, visitor: Hash): void
  /** Counts the collected pages. */
  flush(): void
  /** Counts a visit before and after a change. */
  countVisit(before: CountedVisit | undefined, after: CountedVisit | undefined): void
  /** Counts an event of a bot. Bots appear only in `botEvents` and in dimensions of bots. */
  countBot(event: SiteEvent, visitor: Hash): void
  /** Counts an event on a host that the site does not list. It appears only by host. */
  countOtherHost(event: SiteEvent, visitor: Hash): void
  advance(now: number): void
  /** Writes the seconds. A checkpoint stores minutes, hours and days separately; see `prepareCheckpoint`. */
  write(writer: ByteWriter): void
  /** Restores the bytes of `write` into an empty state. */
  read(reader: ByteReader): void
  prepareCheckpoint(now: number): PendingCheckpoint
}

export interface HistoryStateOptions {
  zone: TimeZone
  /** Reads stored buckets. */
  readStored: ReadStoredParts
  /** Returns the page of a visit by its number; `undefined` if it is not known. */
  nameOf: (page: number) => string | undefined
  /** Cache of decoded totals, and the site's prefix for its keys. @default no cache */
  cached?: { cache: TotalsCache; site: string } | undefined
  /** Time and closed tiers of the last checkpoint. @default no checkpoint exists */
  restored?: { now: number; closedBefore: ClosedBefore } | undefined
}

export function createHistoryState(
  bounds: RollupBounds,
  overflow: OverflowCounts,
  { zone, readStored, nameOf, cached, restored }: HistoryStateOptions,
): HistoryState {
  const closePoints = createClosePoints(zone, restored?.closedBefore)
  const open = {
    minute: createOpenBuckets({ bounds, overflow }),
    hour: createOpenBuckets({
      ...{ bounds, overflow, tier: 'hour' },
      startOf: at => closePoints.startOfStored('hour', at),
    }),
  }
  const tiers = createTiers({
    open,
    readStored,
    calendar: zone,
    bounds,
    closePoints,
    ...cached,
    ...(restored && { now: restored.now }),
  })
  const propertiesToday = createPropertiesToday({
    ...{ open: open.hour, readStored, calendar: zone },
    now: restored?.now ?? 0,
  })
  const seconds = createSeconds(bounds.secondsMs)
  const minuteSeries = createMinuteSeries((from, to) => tiers.totals('minute', from, to))
  const pages = createPageViewBatch(overflow)
  if (restored) minuteSeries.advance(restored.now)

  return {
    rows: { secondSeries: seconds.series, minuteSeries: minuteSeries.rows },
    propertiesToday,
    view: { seconds, tiers, zone, bounds },
    countGroup(event, visitor, times) {
      const { name, at } = event
      countGroup(open, event, visitor, overflow, times)
      minuteSeries.invalidate(at)
      seconds.add(at, name === eventNames.pageView, visitor, times)
    },
    countPageAndValue(event, visitor) {
      const bucket = open.minute.bucketAt(event.at)
      const page = pageOf(event)
      if (page !== undefined) pages.add(bucket.tableOf('path'), page, visitor)
      countValue(bucket, event, overflow)
      if (!event.properties) return
      countProperties(open.hour.bucketAt(event.at), event, visitor, overflow)
      if (propertiesToday.size > 0) propertiesToday.count(event, visitor)
    },
    flush: pages.flush,
    countOtherHost(event, visitor) {
      countOtherHost(open, event, visitor, overflow)
    },
    countVisit: createVisitCounter({
      ...{ open, overflow, nameOf },
      countSeconds: (at, sessions, bounces) => seconds.addTally(at, { sessions, bounces }),
    }),
    countBot(event, visitor) {
      countBot(open, event, visitor, overflow)
      seconds.addTally(event.at, { botEvents: 1 })
    },
    advance(now) {
      propertiesToday.advance(now)
      seconds.advance(now)
      minuteSeries.advance(now)
    },
    write: seconds.write,
    read: seconds.read,
    prepareCheckpoint: tiers.prepareCheckpoint,
  }
}
