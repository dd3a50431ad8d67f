import type { ValueStats } from '@tidemark/protocol'

/** Unit of a list's numbers. */
export type ListUnit = 'visitors' | 'pageViews' | 'events' | 'sessions' | 'completions'

/** An item before it is ranked. */
export interface ListItem<Item extends object = object> {
  /** Unique in its list, and stable over time. */
  readonly key: string
  /** Name as the source has it: `/caf%C3%A9`, `DE`, `(direct)`. */
  readonly name: string
  /** Readable name in the widget's language: `/café`, `Germany`, `Direct`. Empty if the source has none. */
  readonly label: string
  /** Number to rank by. */
  readonly value: number
  /** Number of visitors, where the source counts them. */
  readonly visitors?: number | undefined
  /** The item combines everything that is not listed separately. */
  readonly isRest: boolean
  /** Statistics of the `value` of the events of a property, if they have one. */
  readonly stats?: ValueStats | undefined
  /** Flag of a country, also of a region and a city. */
  readonly flag?: string | undefined
  /** Item of the host; `undefined` for rows of the server. */
  readonly item?: Item | undefined
}

/** A row of a list. */
export interface ListRow<Item extends object = object> extends ListItem<Item> {
  /**
   * Share of the total, from 0 to 1. For goals of the history, the share of all visitors; `undefined` for goals of the
   * live state, whose visitors have no total.
   */
  readonly share: number | undefined
  /** Value relative to the largest row, from 0 to 1; 0 for the rest row. */
  readonly fill: number
}
