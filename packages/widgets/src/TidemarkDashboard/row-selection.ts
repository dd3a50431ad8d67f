import type { TopListChannel, TopListDimension } from '../useTopList/list-source.ts'

/** Selects rows of one source or event, as `fetchMetrics` does. */
export interface RowsFilter {
  readonly referrer?: string | undefined
  readonly name?: string | undefined
  readonly property?: string | undefined
}

/** A list row with its series in the chart. */
export interface RowSelection {
  readonly by: TopListDimension | 'property'
  /** Name as in the data: `/pricing`, `DE`. */
  readonly name: string
  /** Readable name. */
  readonly label: string
  /** Filter of the list that has the row. */
  readonly filter?: RowsFilter
}

/** Returns whether both are the same row of the same list. */
export function isSameRow(a: RowSelection | undefined, b: RowSelection): boolean {
  return a !== undefined && keyOf(a) === keyOf(b)
}

function keyOf({ by, name, filter = {} }: RowSelection): string {
  return JSON.stringify([by, name, filter.referrer, filter.name, filter.property])
}

/** Dimension of the history with the rows of a live channel. */
export const dimensionOf: Readonly<Record<TopListChannel, TopListDimension>> = {
  activePages: 'path',
  referrers: 'referrer',
  countries: 'country',
  devices: 'device',
  events: 'name',
  goals: 'goal',
}
