import type { TopListChannel, TopListDimension } from '../useTopList/list-source.ts'

/** A list row with its series in the chart. */
export interface RowSelection {
  readonly by: TopListDimension
  /** Name as in the data: `/pricing`, `DE`. */
  readonly name: string
  /** Readable name. */
  readonly label: string
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
