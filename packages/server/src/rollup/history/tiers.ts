import { type PartName, partNames } from '../bucket/dimensions.ts'
import { type BucketBounds, mergeEncoded } from '../bucket/parts.ts'
import { type Totals, createTotals, mergeTotals } from '../bucket/totals.ts'
import {
  type BucketTotals,
  type TotalsCache,
  createStoredTotals,
  noCache,
} from './stored-totals.ts'
import {
  type EncodedPart,
  type OpenBucket,
  type OpenMinutes,
  encodeOpenBucket,
} from './open-minutes.ts'
import type { CooperativeTask } from '../../shared/cooperative-task.ts'
import { type Calendar, type ReadStoredParts, type Tier, startOfSpan } from './tier.ts'

export interface TieredPart extends EncodedPart {
  readonly tier: Tier
}

/** Up to where the buckets of a tier are kept as their own; later ones are made from finer ones. */
export interface ClosedBefore {
  hour: number
  day: number
}

/**
 * The history of a site by minutes, hours and days: what is kept, and what was counted since. An hour
 * is the sum of its minutes and a day that of its hours, made when they are over, and until then when
 * they are asked for.
 */
export interface Tiers {
  /** The totals of the buckets that start in `[from, to)`, in order; those with nothing are left out. Nobody may change them. */
  totals(tier: Tier, from: number, to: number): BucketTotals[]
  /** The totals of all these buckets together. */
  sum(tier: Tier, from: number, to: number): Totals
  /** One part of the same buckets, as it is at the first of the steps. */
  read(tier: Tier, part: PartName, from: number, to: number): CooperativeTask<EncodedPart[]>
  /**
   * What is to be kept of all that was counted up to now. One settlement has to be over before the next; one
   * that failed is part of the next.
   */
  prepareCheckpoint(now: number): PendingCheckpoint
  readonly closedBefore: ClosedBefore
}

export interface PendingCheckpoint {
  /** As it is when this is done. */
  readonly closedBefore: ClosedBefore
  /** In place of what is kept: the minutes that changed, the hours and days that are over, and those that were over and changed. */
  readonly parts: CooperativeTask<TieredPart[]>
  /** Says that the parts are given back by `read` from here on. */
  commit(): void
}

export interface TiersOptions {
  open: OpenMinutes
  readStored: ReadStoredParts
  calendar: Calendar
  bounds: BucketBounds
  /** As the last `settle` gave it. @default nothing is closed */
  closedBefore?: ClosedBefore
  /** When that was: nothing that is kept starts later. @default nothing is kept */
  now?: number
  /** Where totals that were read are held, and under what name. @default nowhere */
  cache?: TotalsCache
  site?: string
  /** Minutes and hours that start before are not kept any more, and not written. @default all are kept */
  retainedFrom?: { minute: number; hour: number }
}

/** How long an hour stays open after its end, for what is on its way, in milliseconds. */
const closingDelayMs = 2 * 60_000

export function createTiers({
  open,
  readStored: readKept,
  calendar,
  bounds,
  ...options
}: TiersOptions): Tiers {
  let closedBefore: ClosedBefore = options.closedBefore ?? { hour: 0, day: 0 }
  let keptUpTo = options.now ?? -Infinity
  const { retainedFrom = { minute: -Infinity, hour: -Infinity } } = options
  const { cache = noCache, site = '' } = options
  const keptTotals = createStoredTotals({ read: readKept, calendar, cache, site })

  type StartOf = (tier: Tier, at: number) => number
  const startOf: StartOf = (tier, at) => startOfSpan(tier, at, calendar)

  /**
   * Where a bucket that is kept begins: where one that is told does, and also at what is closed. That is the
   * same, but where the time zone was another when it was closed; so each bucket is of one side of it, and
   * what is made of the one replaces nothing of the other.
   */
  const cutOf: StartOf = (tier, at) => {
    const { hour, day } = closedBefore
    const cuts = { minute: [], hour: [hour, day], day: [day] }[tier]
    return Math.max(startOf(tier, at), ...cuts.filter(cut => cut <= at))
  }

  /** Merges parts of finer buckets, or of the same, into the buckets of a tier. */
  function* merge(
    tier: Tier,
    finer: readonly EncodedPart[],
    beginOf: StartOf = cutOf,
  ): CooperativeTask<EncodedPart[]> {
    const sums: EncodedPart[] = []
    for (const group of Map.groupBy(finer, each => `${each.part} ${beginOf(tier, each.start)}`)) {
      sums.push(yield* toSum(group[1], start => beginOf(tier, start), bounds))
    }
    return sums.toSorted((a, b) => a.start - b.start)
  }

  /** What is kept of a tier, with what is made of the finer tier where it is still open. It is read before anything is merged. */
  function* kept(
    tier: Tier,
    part: PartName,
    from: number,
    to: number,
  ): CooperativeTask<EncodedPart[]> {
    if (tier === 'minute') return [...readKept(tier, part, from, to)]
    const closed = closedBefore[tier]
    const own = from < closed ? readKept(tier, part, from, Math.min(to, closed)) : []
    if (to <= closed) return [...own]
    const finer = yield* kept(tier === 'day' ? 'hour' : 'minute', part, Math.max(from, closed), to)
    return [...own, ...(yield* merge(tier, finer))]
  }

  function* read(
    tier: Tier,
    part: PartName,
    from: number,
    to: number,
  ): CooperativeTask<EncodedPart[]> {
    const changes = open.encode(part, from, to)
    return yield* merge(tier, [...(yield* kept(tier, part, from, to)), ...changes], startOf)
  }

  /** Where that is which `kept` merges. */
  function keptRanges(tier: Tier, from: number, to: number): KeptRange[] {
    if (tier === 'minute') return [{ tier, from, to: Math.min(to, keptUpTo + 1) }]
    const closed = closedBefore[tier]
    const own = from < closed ? [{ tier, from, to: Math.min(to, closed) }] : []
    if (to <= closed) return own
    return [...own, ...keptRanges(tier === 'day' ? 'hour' : 'minute', Math.max(from, closed), to)]
  }

  function totals(tier: Tier, from: number, to: number): BucketTotals[] {
    const changes = open
      .within(from, to)
      .map(({ start, bucket }) => ({ start, totals: bucket.totals, isOpen: true as const }))
    const all: OpenOrKept[] = keptRanges(tier, from, to).flatMap(range =>
      keptTotals.read(range.tier, range.from, range.to),
    )
    all.push(...changes)
    return [...Map.groupBy(all, ({ start }) => startOf(tier, start))]
      .map(([start, group]) => ({ start, totals: sumTotals(group) }))
      .toSorted((a, b) => a.start - b.start)
  }

  function sum(tier: Tier, from: number, to: number): Totals {
    const total = createTotals()
    for (const range of keptRanges(tier, from, to)) {
      mergeTotals(total, keptTotals.sum(range.tier, range.from, range.to))
    }
    for (const { bucket } of open.within(from, to)) mergeTotals(total, bucket.totals)
    return total
  }

  function* encodeAll(buckets: Iterable<OpenBucket>): CooperativeTask<EncodedPart[]> {
    const changes: EncodedPart[] = []
    for (const each of buckets) {
      for (const part of partNames) {
        changes.push(...(yield* encodeOpenBucket(each, part)))
        yield
      }
    }
    return changes
  }

  /** The buckets of a tier that have changed, each with what was kept of it. */
  function* changed(tier: Tier, changes: readonly EncodedPart[]): CooperativeTask<TieredPart[]> {
    const parts: TieredPart[] = []
    for (const change of yield* merge(tier, changes)) {
      const before = readKept(tier, change.part, change.start, change.start + 1)
      parts.push({ tier, ...(yield* toSum([...before, change], start => start, bounds)) })
    }
    return parts
  }

  /** Up to where hours and days are over. A day is over when its last hour is. */
  function closingAt(now: number): ClosedBefore {
    const hour = Math.max(closedBefore.hour, calendar.startOfHour(now - closingDelayMs))
    return { hour, day: Math.max(closedBefore.day, calendar.startOfDay(hour)) }
  }

  /** The buckets of a tier that are over and not kept yet. What comes meanwhile changes them later. */
  function* closing(
    tier: 'hour' | 'day',
    upTo: number,
    changes: readonly EncodedPart[],
  ): CooperativeTask<TieredPart[]> {
    const from = closedBefore[tier]
    if (upTo <= from) return []
    const parts: TieredPart[] = []
    for (const part of partNames) {
      const ours = changes.filter(
        each => each.part === part && each.start >= from && each.start < upTo,
      )
      const finer = yield* kept(tier, part, from, upTo)
      for (const each of yield* merge(tier, [...finer, ...ours])) parts.push({ tier, ...each })
    }
    return parts
  }

  function* settleParts(
    buckets: Iterable<OpenBucket>,
    next: ClosedBefore,
  ): CooperativeTask<TieredPart[]> {
    const changes = yield* encodeAll(buckets)
    const minutes = changes.filter(({ start }) => start >= retainedFrom.minute)
    const hours = changes.filter(
      ({ start }) => start >= retainedFrom.hour && start < closedBefore.hour,
    )
    const days = changes.filter(({ start }) => start < closedBefore.day)
    return [
      ...(yield* changed('minute', minutes)),
      ...(yield* changed('hour', hours)),
      ...(yield* changed('day', days)),
      ...(yield* closing('hour', next.hour, changes)),
      ...(yield* closing('day', next.day, changes)),
    ]
  }

  return {
    totals,
    sum,
    read,
    prepareCheckpoint(now) {
      const next = closingAt(now)
      const aside = open.seal()
      let settled: readonly TieredPart[] = []
      function* parts(): CooperativeTask<TieredPart[]> {
        const all = yield* settleParts(aside, next)
        settled = all
        return all
      }
      return {
        closedBefore: next,
        parts: parts(),
        commit() {
          closedBefore = next
          open.clearSealed()
          for (const { tier, part, start } of settled) {
            keptUpTo = Math.max(keptUpTo, start)
            if (part === 'totals') keptTotals.invalidate(tier, start)
          }
        },
      }
    },
    get closedBefore() {
      return closedBefore
    },
  }
}

interface KeptRange {
  readonly tier: Tier
  readonly from: number
  readonly to: number
}

interface OpenOrKept extends BucketTotals {
  readonly isOpen?: true
}

/** What is open goes on changing, so it is never given out itself. */
function sumTotals(group: readonly OpenOrKept[]): Totals {
  const [first, ...others] = group
  if (first && others.length === 0 && !first.isOpen) return first.totals
  const sum = createTotals()
  for (const { totals } of group) mergeTotals(sum, totals)
  return sum
}

function* toSum(
  group: readonly EncodedPart[],
  startOf: (at: number) => number,
  bounds: BucketBounds,
): CooperativeTask<EncodedPart> {
  const [first] = group
  if (!first) throw new RangeError('There is nothing to sum.')
  const bytes = yield* mergeEncoded(
    first.part,
    group.map(each => each.bytes),
    bounds,
  )
  return { start: startOf(first.start), part: first.part, bytes }
}
