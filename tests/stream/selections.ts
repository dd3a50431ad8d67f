import { type Selection, toSelection } from '@tidemark/protocol'

/** Creates a selection. @throws {Error} for an unknown channel or an invalid window */
export function select(names: readonly string[], minutes?: number): Selection {
  const selection = toSelection(names, minutes)
  if (!selection)
    throw new Error(
      `select: unknown channel in '${names.join()}', or invalid window of ${minutes} minutes.`,
    )
  return selection
}

export const wideSelection: Selection = select([
  'currentVisitors',
  'activePages',
  'pageViews',
  'recentEvents',
])
export const narrowSelection: Selection = select(['currentVisitors'])

/** Large and small selections: some share channels, and two differ only in their window. */
export const selections: readonly Selection[] = [
  wideSelection,
  narrowSelection,
  select(['recentEvents']),
  select(['activePages', 'secondSeries']),
  select(['pageViews', 'events'], 1),
  select(['pageViews', 'events'], 60),
]
