import type { BucketBounds } from '../bucket/parts.ts'
import { type ClosePoints, type ClosedBefore, createClosePoints } from './close-points.ts'
import type { OpenTiers } from './open-buckets.ts'
import { type TotalsCache, createStoredTotals, noCache } from './stored-totals.ts'
import type { Calendar, ReadStoredParts } from './tier.ts'
import { type PendingCheckpoint, prepareCheckpoint } from './tier-checkpoint.ts'
import { type TierReader, createTierReader } from './tier-reader.ts'

/**
 * History of a site by minutes, hours and days: stored buckets, and open ones since the last checkpoint. A
 * checkpoint merges the minutes of an hour into a stored hour, and hours into a stored day, once they are over. Until
 * then each read merges them.
 */
export interface Tiers extends Pick<TierReader, 'totals' | 'read' | 'eachOfRange'> {
  /** Prepares a checkpoint of all events up to now. */
  prepareCheckpoint(now: number): PendingCheckpoint
  readonly closedBefore: ClosedBefore
}

export interface TiersOptions {
  open: OpenTiers
  readStored: ReadStoredParts
  calendar: Calendar
  bounds: BucketBounds
  /** Close points, as of the last checkpoint. @default nothing is closed */
  closePoints?: ClosePoints
  /** Time of the last checkpoint. No stored bucket starts later. @default nothing is stored */
  now?: number
  /** Cache of decoded totals. @default no cache */
  cache?: TotalsCache
  /** Prefix of the site's keys in the cache. @default none */
  site?: string
  /** Minutes and hours that start earlier are expired, and are not written. @default all are retained */
  retainedFrom?: { minute: number; hour: number }
}

export function createTiers({
  open,
  readStored,
  calendar,
  bounds,
  closePoints = createClosePoints(calendar),
  now = -Infinity,
  cache = noCache,
  site = '',
  retainedFrom = { minute: -Infinity, hour: -Infinity },
}: TiersOptions): Tiers {
  let lastStoredStart = now
  const storedTotals = createStoredTotals({ readStored, calendar, cache, site })
  const reader = createTierReader({
    ...{ open, readStored, storedTotals, calendar, closePoints, bounds },
    lastStoredStart: () => lastStoredStart,
  })
  const { totals, read, eachOfRange } = reader

  return {
    totals,
    read,
    eachOfRange,
    prepareCheckpoint: time =>
      prepareCheckpoint(
        {
          ...{ open, readStored, reader, closePoints, bounds, retainedFrom },
          onStored(parts) {
            for (const { tier, part, start } of parts) {
              lastStoredStart = Math.max(lastStoredStart, start)
              if (part === 'totals') storedTotals.invalidate(tier, start)
            }
          },
        },
        time,
      ),
    get closedBefore() {
      return closePoints.current
    },
  }
}
