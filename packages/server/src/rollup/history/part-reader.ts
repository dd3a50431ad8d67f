import { runToCompletion } from '../../shared/cooperative-task.ts'
import { type PartName, firstTierOf } from '../bucket/dimensions.ts'
import type { ClosePoints } from './close-points.ts'
import {
  type EncodedPart,
  type OpenBuckets,
  type OpenTiers,
  encodeOpenBucket,
  openOf,
} from './open-buckets.ts'
import {
  type Calendar,
  type ReadStoredParts,
  type Tier,
  endOfSpan,
  startOfSpan,
  tiers,
} from './tier.ts'

/**
 * Reads a range bucket by bucket, so that memory and the length of a step do not depend on the length of the range.
 * Between two buckets events may arrive and checkpoints may be stored: each stored bucket is read together with the
 * open buckets within its span, so every event counts once, or, if it arrives meanwhile, at most once.
 */
export interface PartReader {
  /**
   * Reads one part of all stored and open buckets in `[from, to)`, in order. After the close point of a tier it reads
   * the finer tier. A tier before the first one of the part has nothing.
   */
  each(tier: Tier, part: PartName, from: number, to: number): Generator<EncodedPart>
  /**
   * Reads the same events in fewer buckets, for the sum of a range: stored hours and days in place of their minutes.
   * @param availableFrom returns the time from which a tier is complete
   */
  eachOfRange(
    tier: Tier,
    part: PartName,
    range: { from: number; to: number },
    availableFrom: (tier: Tier) => number,
  ): Generator<EncodedPart>
}

export interface PartReaderOptions {
  open: OpenTiers<Pick<OpenBuckets, 'within'>>
  readStored: ReadStoredParts
  calendar: Calendar
  closePoints: Pick<ClosePoints, 'current'>
}

export function createPartReader(options: PartReaderOptions): PartReader {
  const { open, readStored, calendar, closePoints } = options

  /** Reads the buckets of one tier that are stored, with the open buckets in their spans. */
  function* eachStored(
    tier: Tier,
    part: PartName,
    from: number,
    to: number,
  ): Generator<EncodedPart> {
    for (let at = from; at < to;) {
      const [first] = readStored(tier, part, at, to, 1)
      const end = first ? Math.min(to, endOfSpan(tier, first.start, calendar)) : to
      // Buckets that were closed in another time zone may start in the same span.
      const others = first && tier !== 'minute' ? readStored(tier, part, first.start + 1, end) : []
      const openBuckets = openOf(open, part).within(at, end)
      if (first) yield first
      yield* others
      for (const bucket of openBuckets) yield* runToCompletion(encodeOpenBucket(bucket, part))
      at = end
    }
  }

  function* each(tier: Tier, part: PartName, from: number, to: number): Generator<EncodedPart> {
    const first = firstTierOf(part)
    if (tier === 'minute' && first === 'hour') return
    if (tier === 'minute' || tier === first) {
      yield* eachStored(tier, part, from, to)
      return
    }
    const closed = closePoints.current[tier]
    yield* eachStored(tier, part, from, Math.min(to, closed))
    yield* each(tier === 'day' ? 'hour' : 'minute', part, Math.max(from, closed), to)
  }

  /** Returns whether all stored buckets that overlap a span have its calendar: none was closed in another time zone. */
  function isAligned(tier: Tier, start: number, end: number): boolean {
    const before = startOfSpan(tier, start - 1, calendar)
    return readStored(tier, 'totals', before, end).every(
      stored => stored.start === startOfSpan(tier, stored.start, calendar),
    )
  }

  function* eachOfRange(
    finest: Tier,
    part: PartName,
    { from, to }: { from: number; to: number },
    availableFrom: (tier: Tier) => number,
  ): Generator<EncodedPart> {
    const coarser = tiers.slice(tiers.indexOf(finest) + 1).toReversed()
    const [next = finest] = coarser.toReversed()
    const isStored = (tier: Tier, at: number): boolean => {
      if (tier === 'minute' || at < availableFrom(tier)) return false
      const end = endOfSpan(tier, at, calendar)
      const isWhole = startOfSpan(tier, at, calendar) === at && end <= to
      return isWhole && end <= closePoints.current[tier] && isAligned(tier, at, end)
    }
    for (let at = from; at < to;) {
      const tier = coarser.find(candidate => isStored(candidate, at))
      const end = Math.min(to, endOfSpan(tier ?? next, at, calendar))
      yield* each(tier ?? finest, part, at, end)
      at = end
    }
  }

  return { each, eachOfRange }
}
