import { eventNames } from '@tidemark/protocol'
import { type OverflowCounts, countOverflow } from '../bounds.ts'
import { countAudience, createAudience, hasAudience } from '../bucket/audience.ts'
import type { Bucket } from '../bucket/bucket.ts'
import { type FirstTier, noPath } from '../bucket/dimensions.ts'
import { countEvent as countTotals } from '../bucket/totals.ts'
import type { SiteEvent } from '../event.ts'
import type { Hash } from '../sketch/hash.ts'
import {
  type CountPlan,
  type PlannedDimension,
  botPlan,
  otherHostPlan,
  planOf,
} from './count-plan.ts'

/** Buckets in which an event counts: one for each tier in which parts start. */
export type CountingTiers = Readonly<Record<FirstTier, { bucketAt(at: number): Bucket }>>

/** Counts an event of a person by all dimensions of `dimensionSpecs` that count it, and its value. */
export function countEvent(
  open: CountingTiers,
  event: SiteEvent,
  visitor: Hash,
  overflow: OverflowCounts,
): void {
  countGroup(open, event, visitor, overflow, 1)
  const bucket = open.minute.bucketAt(event.at)
  countValue(bucket, event, overflow)
  if (event.properties) countProperties(open.hour.bucketAt(event.at), event, visitor, overflow)
  const page = pageOf(event)
  if (page === undefined) return
  countOverflow(overflow, 'names', bucket.tableOf('path').add(page, visitor))
}

/** Returns the page of a page view, or `undefined` for any other event. */
export function pageOf({ name, path = noPath }: SiteEvent): string | undefined {
  return name === eventNames.pageView ? path : undefined
}

/**
 * Counts an event group by all common fields: everything except pages and values.
 * @param event any event of the group
 * @param times number of events in the group
 */
export function countGroup(
  open: CountingTiers,
  event: SiteEvent,
  visitor: Hash,
  overflow: OverflowCounts,
  times: number,
): void {
  const plan = planOf(event.name)
  const minute = open.minute.bucketAt(event.at)
  countTotals(minute.totals, event.name === eventNames.pageView, visitor, times)
  if (hasAudience(event.sender)) {
    const audience = (minute.totals.audience ??= createAudience())
    countAudience(audience, event.sender, event.at, visitor)
  }
  const moved = countNames(minute, plan.minute, event, visitor, times)
  countOverflow(overflow, 'names', moved)
  if (plan.hour.length === 0) return
  const hour = open.hour.bucketAt(event.at)
  countOverflow(overflow, 'names', countNames(hour, plan.hour, event, visitor, times))
}

/** Counts an event of a bot: as one of `botEvents`, and by the dimensions of bots. */
export function countBot(
  open: CountingTiers,
  event: SiteEvent,
  visitor: Hash,
  overflow: OverflowCounts,
): void {
  open.minute.bucketAt(event.at).totals.botEvents++
  countApart(open, botPlan, event, visitor, overflow)
}

/** Counts an event on a host that the site does not list: a page view by its host alone. */
export function countOtherHost(
  open: CountingTiers,
  event: SiteEvent,
  visitor: Hash,
  overflow: OverflowCounts,
): void {
  if (event.name === eventNames.pageView) countApart(open, otherHostPlan, event, visitor, overflow)
}

/** Counts an event by the dimensions of a plan, and in no total. */
function countApart(
  open: CountingTiers,
  plan: CountPlan,
  event: SiteEvent,
  visitor: Hash,
  overflow: OverflowCounts,
): void {
  for (const tier of ['minute', 'hour'] as const) {
    if (plan[tier].length === 0) continue
    const moved = countNames(open[tier].bucketAt(event.at), plan[tier], event, visitor, 1)
    countOverflow(overflow, 'names', moved)
  }
}

/** Counts an event by the names of its dimensions. Returns the number of counts that moved to `other` rows. */
function countNames(
  bucket: Bucket,
  plan: readonly PlannedDimension[],
  event: SiteEvent,
  visitor: Hash,
  times: number,
): number {
  let moved = 0
  for (const { namesIn, position } of plan) {
    const names = namesIn(event)
    if (names === undefined) continue
    if (typeof names === 'string') {
      moved += bucket.tableAt(position).add(names, visitor, times)
      continue
    }
    for (const name of names) moved += bucket.tableAt(position).add(name, visitor, times)
  }
  return moved
}

/** Counts one event by each of its properties. */
export function countProperties(
  bucket: Bucket,
  { name, at, value, properties }: SiteEvent,
  visitor: Hash,
  overflow: OverflowCounts,
): void {
  if (properties === undefined) return
  const counts = bucket.properties()
  for (let index = 0; index + 1 < properties.length; index += 2) {
    const property = properties[index] ?? ''
    const text = properties[index + 1] ?? ''
    const moved = counts.add(name, property, text, visitor, value, at)
    if (moved < 0) countOverflow(overflow, 'properties')
    else if (moved > 0) countOverflow(overflow, 'names', moved)
  }
}

/** Aggregates the value of one event, if the event has a value. */
export function countValue(
  bucket: Bucket,
  { name, value, at }: SiteEvent,
  overflow: OverflowCounts,
): void {
  if (value === undefined || bucket.addValue(name, value, at)) return
  countOverflow(overflow, 'value_names')
}
