import type { CooperativeTask } from '../../shared/cooperative-task.ts'
import { firstTierOf, partNames } from '../bucket/dimensions.ts'
import type { BucketBounds } from '../bucket/parts.ts'
import type { ClosePoints, ClosedBefore } from './close-points.ts'
import { mergeGroup, mergeParts } from './merge-parts.ts'
import {
  type EncodedPart,
  type OpenBucket,
  type OpenTiers,
  encodeOpenBucket,
} from './open-buckets.ts'
import type { ReadStoredParts, Tier } from './tier.ts'
import type { TierReader } from './tier-reader.ts'

/** A part of a bucket of one tier. */
export interface TieredPart extends EncodedPart {
  readonly tier: Tier
}

/** A checkpoint of all events up to now. It must be stored, or have failed, before the next one is prepared. */
export interface PendingCheckpoint {
  /** Close points after this checkpoint. */
  readonly closedBefore: ClosedBefore
  /**
   * Parts to store in place of stored ones: changed minutes, hours and days that are over, and closed hours and days
   * that changed.
   */
  readonly parts: CooperativeTask<TieredPart[]>
  /** Reports that `readStored` returns the parts from now on. A checkpoint without this call is part of the next. */
  markStored(): void
}

export interface CheckpointSources {
  open: OpenTiers
  readStored: ReadStoredParts
  reader: Pick<TierReader, 'readStored'>
  closePoints: ClosePoints
  bounds: BucketBounds
  /** Minutes and hours that start earlier are expired, and are not written. */
  retainedFrom: { minute: number; hour: number }
  /** Receives the parts when they have been stored. */
  onStored(parts: readonly TieredPart[]): void
}

/** Seals the open buckets. The returned tasks encode them, and close the hours and days that are over. */
export function prepareCheckpoint(sources: CheckpointSources, now: number): PendingCheckpoint {
  const { open, closePoints, onStored } = sources
  const next = closePoints.next(now)
  const sealed = { minute: open.minute.seal(), hour: open.hour.seal() }
  let encoded: readonly TieredPart[] = []

  function* parts(): CooperativeTask<TieredPart[]> {
    const all = yield* encodeParts(sources, sealed, next)
    encoded = all
    return all
  }

  return {
    closedBefore: next,
    parts: parts(),
    markStored() {
      closePoints.set(next)
      open.minute.clearSealed()
      open.hour.clearSealed()
      onStored(encoded)
    },
  }
}

function* encodeParts(
  sources: CheckpointSources,
  sealed: OpenTiers<Iterable<OpenBucket>>,
  next: ClosedBefore,
): CooperativeTask<TieredPart[]> {
  const { retainedFrom, closePoints } = sources
  const { hour, day } = closePoints.current
  const fine = yield* encodeBuckets(sealed.minute)
  // Parts that start at hours are stored as changes of hours that are not over, too.
  const coarse = yield* encodeBuckets(sealed.hour)
  const changes = [...fine, ...coarse]
  const minutes = fine.filter(({ start }) => start >= retainedFrom.minute)
  const hours = [...fine.filter(({ start }) => start < hour), ...coarse].filter(
    ({ start }) => start >= retainedFrom.hour,
  )
  const days = changes.filter(({ start }) => start < day)
  return [
    ...(yield* updateStored(sources, 'minute', minutes)),
    ...(yield* updateStored(sources, 'hour', hours)),
    ...(yield* updateStored(sources, 'day', days)),
    ...(yield* closeBuckets(sources, 'hour', next.hour, changes)),
    ...(yield* closeBuckets(sources, 'day', next.day, changes)),
  ]
}

function* encodeBuckets(buckets: Iterable<OpenBucket>): CooperativeTask<EncodedPart[]> {
  const parts: EncodedPart[] = []
  for (const bucket of buckets) {
    for (const part of partNames) {
      parts.push(...(yield* encodeOpenBucket(bucket, part)))
      yield
    }
  }
  return parts
}

/** Merges changes into the stored buckets of a tier. */
function* updateStored(
  { readStored, closePoints, bounds }: CheckpointSources,
  tier: Tier,
  changes: readonly EncodedPart[],
): CooperativeTask<TieredPart[]> {
  const parts: TieredPart[] = []
  const startOf = (at: number): number => closePoints.startOfStored(tier, at)
  for (const change of yield* mergeParts(changes, startOf, bounds)) {
    const { start, part } = change
    const stored = readStored(tier, part, start, start + 1)
    parts.push({ tier, ...(yield* mergeGroup(start, [...stored, change], bounds)) })
  }
  return parts
}

/** Merges the finer buckets of the hours or days that are over and not closed yet. Later events change them. */
function* closeBuckets(
  { reader, closePoints, bounds }: CheckpointSources,
  tier: 'hour' | 'day',
  to: number,
  changes: readonly EncodedPart[],
): CooperativeTask<TieredPart[]> {
  const from = closePoints.current[tier]
  if (to <= from) return []
  const parts: TieredPart[] = []
  const startOf = (at: number): number => closePoints.startOfStored(tier, at)
  for (const part of partNames) {
    if (tier === firstTierOf(part)) continue
    const open = changes.filter(
      change => change.part === part && change.start >= from && change.start < to,
    )
    const finer = yield* reader.readStored(tier, part, from, to)
    const merged = yield* mergeParts([...finer, ...open], startOf, bounds)
    for (const each of merged) parts.push({ tier, ...each })
  }
  return parts
}
