import { type OverflowCounts, countOverflow } from '../bounds.ts'
import { type Dimension, noPath } from '../bucket/dimensions.ts'
import type { CountingTiers } from './count-event.ts'

/** The fields of a visit that are counted. */
export interface CountedVisit {
  readonly end: number
  readonly events: number
  readonly first: number
  readonly views: number
  readonly engagedMs: number
  readonly entryPage: number
  readonly exitPage: number
  readonly isBounce: boolean
}

/** Change of the sessions and bounces of the second that contains a time. */
export type CountSessions = (at: number, sessions: number, bounces: number) => void

export interface VisitCounterOptions {
  open: CountingTiers
  overflow: OverflowCounts
  /** Counts sessions by seconds, too. */
  countSeconds: CountSessions
  /** Returns the name of a page; `undefined` if it is not known. */
  nameOf: (page: number) => string | undefined
}

/**
 * Creates a function that counts a changed visit in the buckets of its first event: it takes back the earlier counts
 * and adds the later ones. Buckets therefore have negative numbers while they are changes to stored buckets.
 */
export function createVisitCounter({
  open,
  overflow,
  countSeconds,
  nameOf,
}: VisitCounterOptions): (
  before: CountedVisit | undefined,
  after: CountedVisit | undefined,
) => void {
  function countPage(dimension: Dimension, at: number, page: number, by: number): void {
    // A visit without a page view has no page. A page without a name is one of the others.
    const name = page === 0 ? noPath : nameOf(page)
    const table = open.hour.bucketAt(at).tableOf(dimension)
    countOverflow(overflow, 'names', table.change(name, by))
  }

  function countSums(visit: CountedVisit, by: number): void {
    const { totals } = open.minute.bucketAt(visit.first)
    totals.sessions += by
    totals.bounces += visit.isBounce ? by : 0
    totals.sessionViews += visit.views * by
    totals.sessionMs += (visit.end - visit.first) * by
    totals.engagedMs += visit.engagedMs * by
  }

  function countAll(visit: CountedVisit, by: number): void {
    countSums(visit, by)
    countSeconds(visit.first, by, visit.isBounce ? by : 0)
    countPage('entryPage', visit.first, visit.entryPage, by)
    countPage('exitPage', visit.first, visit.exitPage, by)
  }

  function move(dimension: Dimension, at: number, from: number, to: number): void {
    if (from === to) return
    countPage(dimension, at, from, -1)
    countPage(dimension, at, to, 1)
  }

  return (before, after) => {
    const old = before && before.events > 0 ? before : undefined
    const current = after && after.events > 0 ? after : undefined
    if (!old || !current || old.first !== current.first) {
      if (old) countAll(old, -1)
      if (current) countAll(current, 1)
      return
    }
    countSums(old, -1)
    countSums(current, 1)
    const bounces = Number(current.isBounce) - Number(old.isBounce)
    if (bounces !== 0) countSeconds(current.first, 0, bounces)
    move('entryPage', current.first, old.entryPage, current.entryPage)
    move('exitPage', current.first, old.exitPage, current.exitPage)
  }
}
