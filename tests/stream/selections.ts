import { type EventProperty, type Selection, toSelection } from '@tidemark/protocol'

/** Creates a selection. @throws {Error} for an unknown channel, an invalid window, an invalid path or property */
export function select(
  names: readonly string[],
  minutes?: number,
  paths?: readonly string[],
  properties?: readonly EventProperty[],
): Selection {
  const selection = toSelection(names, minutes, paths, properties)
  if (!selection) {
    const rows = JSON.stringify([paths, properties])
    throw new Error(`select: invalid '${names.join()}', ${minutes} or ${rows}.`)
  }
  return selection
}

/** A property of the page views of the test server. */
export const plan: EventProperty = { event: 'page_view', property: 'plan' }
const unused: EventProperty = { event: 'never.sent', property: '__proto__' }

export const wideSelection: Selection = select([
  'currentVisitors',
  'activePages',
  'pageViews',
  'recentEvents',
])
/** One of the pages of the test server. */
export const pageSelection: Selection = select(['pageVisitors'], 5, ['/3'])
export const narrowSelection: Selection = select(['currentVisitors'])

export const propertySelection: Selection = select(['properties'], 5, [], [plan])

/** Large and small selections: some share channels or pages, and two differ only in their window. */
export const selections: readonly Selection[] = [
  wideSelection,
  narrowSelection,
  pageSelection,
  select(['activePages', 'pageVisitors'], 5, ['/0', '/3', '/5', '/never']),
  propertySelection,
  select(['pageVisitors', 'properties', 'pageViews'], 5, ['/3'], [plan, unused]),
  select(['recentEvents']),
  select(['activePages', 'secondSeries']),
  select(['pageViews', 'events'], 1),
  select(['pageViews', 'events'], 60),
]
