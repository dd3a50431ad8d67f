import { type Selection, toSelection } from '@tidemark/protocol'

/** @throws {Error} for what is no channel, or no window */
export function select(names: readonly string[], minutes?: number): Selection {
  const selection = toSelection(names, minutes)
  if (!selection) throw new Error(`There is no selection of ${names.join()}.`)
  return selection
}

export const wide: Selection = select([
  'currentVisitors',
  'activePages',
  'pageViews',
  'recentEvents',
])
export const narrow: Selection = select(['currentVisitors'])

/** Wide and narrow ones, with and without channels in common, and one channel in two windows. */
export const selections: readonly Selection[] = [
  wide,
  narrow,
  select(['recentEvents']),
  select(['activePages', 'secondSeries']),
  select(['pageViews', 'events'], 1),
  select(['pageViews', 'events'], 60),
]
