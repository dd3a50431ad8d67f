import type { FeedEntry } from '@tidemark/protocol'

/** Slots of each row of a feed. */
export interface FeedRowSlots {
  /** Replaces the content of a row. */
  row?(props: { entry: FeedEntry }): unknown
  /** Replaces the icon. */
  icon?(props: { entry: FeedEntry }): unknown
  /** Replaces the text. `label` is the path, goal or name; `detail` the page of an event, or a title. */
  label?(props: { entry: FeedEntry; label: string; detail: string }): unknown
  /** Replaces the age, inside the button that opens the details. */
  value?(props: { entry: FeedEntry }): unknown
}

/** Settings of all rows of a feed. */
export interface FeedRowOptions {
  readonly locale: string
  readonly showLocation: boolean
  /** Whether the host listens to clicks. */
  readonly isClickable: boolean
  /** Returns the URL for an entry. */
  readonly link: ((entry: FeedEntry) => string | null | undefined) | undefined
  readonly slots: FeedRowSlots
}
