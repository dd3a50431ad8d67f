import type {
  ChannelName,
  EventProperty,
  PropertyValueRow,
  WindowMinutes,
} from '@tidemark/protocol'

/** A channel with one value for the whole site, or one for each window. */
export type SiteChannel = Exclude<ChannelName, 'pageVisitors' | 'properties'>

export function isSiteChannel(channel: ChannelName): channel is SiteChannel {
  return channel !== 'pageVisitors' && channel !== 'properties'
}

/** The visitors of pages, which the channel `pageVisitors` publishes. */
export interface PageSource {
  /** Returns the path by which the page of a path counts, such as `/docs` for `/docs/`, by the rules of the site. */
  countedPathOf(path: string): string
  /** Returns the current number of visitors of a counted path. Takes constant time. */
  visitorsOf(path: string): number
  /**
   * Calls the listener before each change of a page's visitors, with their number so far. Replaces the previous
   * listener.
   */
  observePages(listener: (path: string, visitors: number) => void): void
}

/** The values of properties, which the channel `properties` publishes. */
export interface PropertySource {
  /** Returns whether the source can count these properties beside those that are counted already. */
  hasRoomFor(properties: readonly EventProperty[]): boolean
  /** Counts properties until `release`, once for each call. */
  retain(properties: readonly EventProperty[]): void
  /** Reads the earlier events of retained properties. Returns `undefined` if all are read. */
  load(properties: readonly EventProperty[]): Promise<void> | undefined
  /** Reads the earlier events of a retained property at once. */
  loadNow(property: EventProperty): void
  release(property: EventProperty): void
  /** Returns a number that grows with each change of the rows. Takes constant time. */
  versionOf(property: EventProperty): number
  /**
   * Returns the rows of a retained property.
   * @param minCount rows with fewer visitors are part of the rest. @default 0
   */
  rowsOf(property: EventProperty, minCount?: number): PropertyValueRow[]
  /** Returns the end of the current day, in milliseconds since 1970. The rows are empty then. */
  endsAt(): number
}

/**
 * The state that a stream publishes: channels with values. Values change when the owner of the source calls `touch` of
 * the stream, or as time passes.
 */
export interface LiveSource extends PageSource {
  readonly properties: PropertySource
  /** Advances the state to a time in milliseconds since 1970. */
  advance(now: number): void
  /** Returns whether the state changes only with new events, not with time. */
  isIdle(): boolean
  /** All channels of the source. */
  readonly channels: readonly SiteChannel[]
  /** Returns the current value of a channel. The same object as before means no change. */
  read(channel: SiteChannel, minutes: WindowMinutes): unknown
}
