import { eventNames } from '@tidemark/protocol'
import { type Tally, countTurnedAway } from './bounds.ts'
import type { Bucket } from './bucket/bucket.ts'
import type { Dimension } from './bucket/dimensions.ts'
import { countEvent as countTotals } from './bucket/totals.ts'
import type { SiteEvent } from './event.ts'
import type { Hash } from './sketch/hash.ts'

/** The row of page views whose sender does not say on which page. */
export const noPath = '(none)'
const unknownCountry = '(unknown)'

/**
 * Counts an event in the bucket of its minute. Events count by name and by the goals that they reach; page
 * views by everything else. A view that the site itself led to has no referrer of its own and counts for none.
 */
export function countEvent(
  bucket: Bucket,
  event: SiteEvent,
  visitor: Hash,
  turnedAway: Tally,
): void {
  const count = (dimension: Dimension, name: string): void => {
    if (!bucket.count(dimension, name, visitor)) countTurnedAway(turnedAway, 'names')
  }
  const isPageView = event.name === eventNames.pageView
  countTotals(bucket.totals, isPageView, visitor)
  count('name', event.name)
  for (const goal of event.goals) count('goal', goal)
  if (event.value !== undefined && !bucket.addValue(event.name, event.value)) {
    countTurnedAway(turnedAway, 'value_names')
  }
  if (!isPageView) return
  count('path', event.path ?? noPath)
  if (event.source !== undefined) count('referrer', event.source)
  if (event.campaign !== undefined) count('campaign', event.campaign)
  count('country', event.country ?? unknownCountry)
  count('device', event.device)
  count('browser', event.browser)
  count('os', event.os)
}
