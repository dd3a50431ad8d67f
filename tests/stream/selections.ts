import { type Selection, toSelection } from '@tidemark/protocol'

/** Creates a selection. @throws {Error} for an unknown channel, an invalid window or an invalid path */
export function select(
  names: readonly string[],
  minutes?: number,
  paths?: readonly string[],
): Selection {
  const selection = toSelection(names, minutes, paths)
  if (!selection)
    throw new Error(`select: invalid '${names.join()}', ${minutes} or '${paths?.join()}'.`)
  return selection
}

export const wideSelection: Selection = select([
  'currentVisitors',
  'activePages',
  'pageViews',
  'recentEvents',
])
/** One of the pages of the test server. */
export const pageSelection: Selection = select(['pageVisitors'], 5, ['/3'])
export const narrowSelection: Selection = select(['currentVisitors'])

/** Large and small selections: some share channels or pages, and two differ only in their window. */
export const selections: readonly Selection[] = [
  wideSelection,
  narrowSelection,
  pageSelection,
  select(['activePages', 'pageVisitors'], 5, ['/0', '/3', '/5', '/never']),
  select(['recentEvents']),
  select(['activePages', 'secondSeries']),
  select(['pageViews', 'events'], 1),
  select(['pageViews', 'events'], 60),
]
