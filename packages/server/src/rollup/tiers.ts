import { type PartName, partNames } from './bucket/dimensions.ts'
import { type BucketBounds, mergeEncoded } from './bucket/parts.ts'
import type { EncodedPart, OpenMinutes } from './open-minutes.ts'

/** The spans that history is kept by. Each is made of the one before it. */
export type Tier = 'minute' | 'hour' | 'day'

export interface TieredPart extends EncodedPart {
  readonly tier: Tier
}

/** Reads one part of the buckets of a tier that are kept and start in `[from, to)`, in order. */
export type ReadKept = (
  tier: Tier,
  part: PartName,
  from: number,
  to: number,
) => readonly EncodedPart[]

/** Where hours and days begin, as a time zone has it. */
export interface Calendar {
  hourOf(at: number): number
  dayOf(at: number): number
}

/** Up to where the buckets of a tier are kept as their own; later ones are made from finer ones. */
export interface ClosedUpTo {
  hour: number
  day: number
}

/**
 * The history of a site by minutes, hours and days: what is kept, and what was counted since. An hour
 * is the sum of its minutes and a day that of its hours, made when they are over, and until then when
 * they are asked for.
 */
export interface Tiers {
  /** One part of the buckets that start in `[from, to)`, in order; those with nothing are left out. */
  read(tier: Tier, part: PartName, from: number, to: number): EncodedPart[]
  /**
   * What is to be kept now, in place of what is kept: the minutes that changed, the hours and days that
   * are over, and those that were over and changed. From here on `read` has to give them back.
   */
  settle(now: number): TieredPart[]
  readonly closedUpTo: ClosedUpTo
}

export interface TiersOptions {
  open: OpenMinutes
  read: ReadKept
  calendar: Calendar
  bounds: BucketBounds
  /** As the last `settle` gave it. @default nothing is closed */
  closedUpTo?: ClosedUpTo
  /** Minutes and hours that start before are not kept any more, and not written. @default all are kept */
  keptFrom?: { minute: number; hour: number }
}

/** How long an hour stays open after its end, for what is on its way, in milliseconds. */
const closingDelayMs = 2 * 60_000

export function createTiers({
  open,
  read: readKept,
  calendar,
  bounds,
  ...options
}: TiersOptions): Tiers {
  let closedUpTo: ClosedUpTo = options.closedUpTo ?? { hour: 0, day: 0 }
  const { keptFrom = { minute: -Infinity, hour: -Infinity } } = options

  const startOf = (tier: Tier, at: number): number =>
    tier === 'minute' ? at : tier === 'hour' ? calendar.hourOf(at) : calendar.dayOf(at)

  /** Merges parts of finer buckets, or of the same, into the buckets of a tier. */
  function sum(tier: Tier, finer: readonly EncodedPart[]): EncodedPart[] {
    const groups = Map.groupBy(finer, each => `${each.part} ${startOf(tier, each.start)}`)
    return [...groups.values()]
      .map(group => toSum(group, start => startOf(tier, start), bounds))
      .toSorted((a, b) => a.start - b.start)
  }

  /** What is kept of a tier, with what is made of the finer tier where it is still open. */
  function kept(tier: Tier, part: PartName, from: number, to: number): readonly EncodedPart[] {
    if (tier === 'minute') return readKept(tier, part, from, to)
    const closed = closedUpTo[tier]
    const own = from < closed ? readKept(tier, part, from, Math.min(to, closed)) : []
    if (to <= closed) return own
    const finer = kept(tier === 'day' ? 'hour' : 'minute', part, Math.max(from, closed), to)
    return [...own, ...sum(tier, finer)]
  }

  function read(tier: Tier, part: PartName, from: number, to: number): EncodedPart[] {
    const changes = open.encode(part, from, to)
    return sum(tier, [...kept(tier, part, from, to), ...changes])
  }

  /** The buckets of a tier that have changed, each with what was kept of it. */
  function changed(tier: Tier, changes: readonly EncodedPart[]): TieredPart[] {
    return sum(tier, changes).map(change => {
      const before = readKept(tier, change.part, change.start, change.start + 1)
      return { tier, ...toSum([...before, change], start => start, bounds) }
    })
  }

  /** Up to where hours and days are over. A day is over when its last hour is. */
  function closingAt(now: number): ClosedUpTo {
    const hour = Math.max(closedUpTo.hour, calendar.hourOf(now - closingDelayMs))
    return { hour, day: Math.max(closedUpTo.day, calendar.dayOf(hour)) }
  }

  /** The buckets of a tier that are over and not kept yet. */
  function closing(tier: 'hour' | 'day', upTo: number): TieredPart[] {
    if (upTo <= closedUpTo[tier]) return []
    return partNames
      .flatMap(part => read(tier, part, closedUpTo[tier], upTo))
      .map(each => ({ tier, ...each }))
  }

  return {
    read,
    settle(now) {
      const changes = open.encode()
      const next = closingAt(now)
      const parts = [
        ...changed(
          'minute',
          changes.filter(({ start }) => start >= keptFrom.minute),
        ),
        ...changed(
          'hour',
          changes.filter(({ start }) => start >= keptFrom.hour && start < closedUpTo.hour),
        ),
        ...changed(
          'day',
          changes.filter(({ start }) => start < closedUpTo.day),
        ),
        ...closing('hour', next.hour),
        ...closing('day', next.day),
      ]
      closedUpTo = next
      open.clear()
      return parts
    },
    get closedUpTo() {
      return closedUpTo
    },
  }
}

function toSum(
  group: readonly EncodedPart[],
  startOf: (at: number) => number,
  bounds: BucketBounds,
): EncodedPart {
  const [first] = group
  if (!first) throw new RangeError('There is nothing to sum.')
  const bytes = mergeEncoded(
    first.part,
    group.map(each => each.bytes),
    bounds,
  )
  return { start: startOf(first.start), part: first.part, bytes }
}
