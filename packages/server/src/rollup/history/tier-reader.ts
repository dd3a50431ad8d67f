import type { CooperativeTask } from '../../shared/cooperative-task.ts'
import { type PartName, firstTierOf } from '../bucket/dimensions.ts'
import { type BucketBounds, isEmptyPart } from '../bucket/parts.ts'
import { type Totals, createTotals, mergeTotals } from '../bucket/totals.ts'
import type { ClosePoints } from './close-points.ts'
import { mergeParts } from './merge-parts.ts'
import type { EncodedPart, OpenTiers } from './open-buckets.ts'
import { type PartReader, createPartReader } from './part-reader.ts'
import type { BucketTotals, StoredTotals } from './stored-totals.ts'
import { type Calendar, type ReadStoredParts, type Tier, startOfSpan } from './tier.ts'

/** Reads the buckets of a tier from stored and open buckets. */
export interface TierReader extends Pick<PartReader, 'eachOfRange'> {
  /** Returns the totals of the non-empty buckets that start in `[from, to)`, in order. Callers must not change them. */
  totals(tier: Tier, from: number, to: number): BucketTotals[]
  /** Reads one part of these buckets, a stored bucket per step. See `PartReader` for events that arrive meanwhile. */
  read(tier: Tier, part: PartName, from: number, to: number): CooperativeTask<EncodedPart[]>
  /**
   * Reads one part of the stored buckets that start in `[from, to)`. After the close point it merges stored buckets of
   * the finer tier. All reads happen before the first merge.
   */
  readStored(tier: Tier, part: PartName, from: number, to: number): CooperativeTask<EncodedPart[]>
}

export interface TierReaderOptions {
  open: OpenTiers
  readStored: ReadStoredParts
  storedTotals: StoredTotals
  calendar: Calendar
  closePoints: ClosePoints
  bounds: BucketBounds
  /** Latest start of a stored bucket. */
  lastStoredStart(): number
}

/** A range of stored buckets of one tier. */
interface StoredRange {
  readonly tier: Tier
  readonly from: number
  readonly to: number
}

interface OpenOrStored extends BucketTotals {
  readonly isOpen?: true
}

export function createTierReader(options: TierReaderOptions): TierReader {
  const { open, storedTotals, calendar, closePoints, bounds, lastStoredStart } = options
  const parts = createPartReader(options)

  function* readStored(
    tier: Tier,
    part: PartName,
    from: number,
    to: number,
  ): CooperativeTask<EncodedPart[]> {
    if (tier === 'minute' || tier === firstTierOf(part)) {
      return [...options.readStored(tier, part, from, to)]
    }
    const closed = closePoints.current[tier]
    const coarse = from < closed ? options.readStored(tier, part, from, Math.min(to, closed)) : []
    if (to <= closed) return [...coarse]
    const finer = yield* readStored(finerTier(tier), part, Math.max(from, closed), to)
    const merged = yield* mergeParts(finer, at => closePoints.startOfStored(tier, at), bounds)
    return [...coarse, ...merged]
  }

  function* read(
    tier: Tier,
    part: PartName,
    from: number,
    to: number,
  ): CooperativeTask<EncodedPart[]> {
    const all: EncodedPart[] = []
    for (const each of parts.each(tier, part, from, to)) {
      all.push(each)
      yield
    }
    const merged = yield* mergeParts(all, at => startOfSpan(tier, at, calendar), bounds)
    return merged.filter(each => !isEmptyPart(each))
  }

  /** Returns the ranges that `readStored` reads. */
  function storedRanges(tier: Tier, from: number, to: number): StoredRange[] {
    if (tier === 'minute') return [{ tier, from, to: Math.min(to, lastStoredStart() + 1) }]
    const closed = closePoints.current[tier]
    const ranges = from < closed ? [{ tier, from, to: Math.min(to, closed) }] : []
    if (to <= closed) return ranges
    return [...ranges, ...storedRanges(finerTier(tier), Math.max(from, closed), to)]
  }

  function totals(tier: Tier, from: number, to: number): BucketTotals[] {
    const all: OpenOrStored[] = storedRanges(tier, from, to).flatMap(range =>
      storedTotals.read(range.tier, range.from, range.to),
    )
    for (const { start, bucket } of open.minute.within(from, to)) {
      all.push({ start, totals: bucket.totals, isOpen: true })
    }
    return [...Map.groupBy(all, ({ start }) => startOfSpan(tier, start, calendar))]
      .map(([start, group]) => ({ start, totals: sumTotals(group) }))
      .toSorted((a, b) => a.start - b.start)
  }

  return { totals, read, readStored, eachOfRange: parts.eachOfRange }
}

function finerTier(tier: 'hour' | 'day'): Tier {
  return tier === 'day' ? 'hour' : 'minute'
}

/** Returns the sum as a copy if any of the totals is open, because open totals still change. */
function sumTotals(group: readonly OpenOrStored[]): Totals {
  const [first, ...others] = group
  if (first && others.length === 0 && !first.isOpen) return first.totals
  const sum = createTotals()
  for (const { totals } of group) mergeTotals(sum, totals)
  return sum
}
