import type { CooperativeTask } from '../../shared/cooperative-task.ts'
import { type BucketBounds, mergeEncoded } from '../bucket/parts.ts'
import type { EncodedPart } from './open-buckets.ts'

/**
 * Merges the parts of each bucket, also of finer buckets within it, into one part. Returns them by their start.
 * @param startOf returns the start of the bucket that contains a time
 */
export function* mergeParts(
  parts: readonly EncodedPart[],
  startOf: (at: number) => number,
  bounds: BucketBounds,
): CooperativeTask<EncodedPart[]> {
  const merged: EncodedPart[] = []
  for (const group of Map.groupBy(parts, each => `${each.part} ${startOf(each.start)}`).values()) {
    const [first] = group
    if (first) merged.push(yield* mergeGroup(startOf(first.start), group, bounds))
  }
  return merged.toSorted((a, b) => a.start - b.start)
}

/**
 * Merges parts of one name into one part that starts at `start`.
 * @throws {RangeError} when there are no parts
 */
export function* mergeGroup(
  start: number,
  group: readonly EncodedPart[],
  bounds: BucketBounds,
): CooperativeTask<EncodedPart> {
  const [first] = group
  if (!first) throw new RangeError('A merge needs at least one part.')
  const encoded = group.map(({ bytes }) => bytes)
  const bytes = yield* mergeEncoded(first.part, encoded, bounds)
  return { start, part: first.part, bytes }
}
