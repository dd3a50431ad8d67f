import { eventNames } from '@tidemark/protocol'
import { type OverflowCounts, countOverflow } from '../bounds.ts'
import type { BreakdownTable } from '../bucket/breakdown.ts'
import type { Bucket } from '../bucket/bucket.ts'
import { countEvent as countTotals } from '../bucket/totals.ts'
import type { SiteEvent } from '../event.ts'
import type { Hash } from '../sketch/hash.ts'

/** Name of the row for page views without a path. */
export const noPath = '(none)'
const unknownCountry = '(unknown)'

/**
 * Counts an event in the bucket of its minute. All events count by name and goal; page views also count by page,
 * referrer, campaign, country, device, browser and operating system. A page view that followed an internal link has
 * no referrer and counts for none.
 */
export function countEvent(
  bucket: Bucket,
  event: SiteEvent,
  visitor: Hash,
  overflow: OverflowCounts,
): void {
  countGroup(bucket, event, visitor, overflow, 1)
  countValue(bucket, event, overflow)
  const page = pageOf(event)
  if (page !== undefined) countOverflow(overflow, 'names', bucket.by.path.add(page, visitor))
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
  { by, totals }: Bucket,
  event: SiteEvent,
  visitor: Hash,
  overflow: OverflowCounts,
  times: number,
): void {
  const count = (breakdown: BreakdownTable, name: string): void => {
    countOverflow(overflow, 'names', breakdown.add(name, visitor, times))
  }
  const isPageView = event.name === eventNames.pageView
  countTotals(totals, isPageView, visitor, times)
  count(by.name, event.name)
  for (const goal of event.goals) count(by.goal, goal)
  if (!isPageView) return
  if (event.source !== undefined) count(by.referrer, event.source)
  if (event.campaign !== undefined) count(by.campaign, event.campaign)
  const { country = unknownCountry, device, browser, os } = event.sender
  count(by.country, country)
  count(by.device, device)
  count(by.browser, browser)
  count(by.os, os)
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
