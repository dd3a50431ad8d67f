import { type HistoryDimension, type ValueStats, historyDimensionNames } from '@tidemark/protocol'
import type { RangeSelection } from '../history/range-selection.ts'
import type { HostStatus } from '../status/connection-state.ts'

/** Channels that a list can show. */
export type TopListChannel =
  'activePages' | 'referrers' | 'countries' | 'devices' | 'events' | 'goals'

/** Dimensions of the history that a list can show, beside the properties of events. */
export type TopListDimension = HistoryDimension

/** Order of a list: the largest value first, or by label. */
export type TopListSort = 'value' | 'label'

/** Fields of queries that select rows of one source or event. */
interface NoFilter {
  referrer?: undefined
  name?: undefined
  property?: undefined
  stat?: undefined
}

/** Fields of items of the host and of channels. */
interface NoLiveSource {
  items?: undefined
  labelKey?: undefined
  valueKey?: undefined
  status?: undefined
  channel?: undefined
}

/** A list of items that the host passes in. */
export interface ItemsSource<Item extends object = object> extends NoFilter {
  /** Items to rank; `undefined` and `null` show a skeleton. Replaces `channel` and `by`. @default none */
  items: readonly (Item | null | undefined)[] | null | undefined
  /** With `items`: property of an item that holds its label. */
  labelKey: keyof Item & string
  /** With `items`: property of an item that holds its number. */
  valueKey: keyof Item & string
  /** With `items`: state of their source. @default none */
  status?: HostStatus | undefined
  channel?: undefined
  by?: undefined
  range?: undefined
}

/** A list of the live state. */
export interface ChannelSource extends NoFilter {
  /** Channel of the live state to rank. Replaces `items` and `by`. @default none */
  channel: TopListChannel
  items?: undefined
  labelKey?: undefined
  valueKey?: undefined
  status?: undefined
  by?: undefined
  range?: undefined
}

/** A list of the history. */
export interface HistorySource extends NoLiveSource, NoFilter {
  /**
   * Dimension of the history to rank, by page views, events, visits or reached goals; or `'property'` for the properties
   * of events. Needs `range`. @default none
   */
  by: TopListDimension
  /** With `by`: time range. */
  range: RangeSelection
}

/** The pages with links to the site. */
export interface ReferringPageSource extends NoLiveSource {
  by: 'referringPage'
  range: RangeSelection
  /** With `by="referringPage"`: the only source, such as `news.example`. @default all sources */
  referrer: string | undefined
  name?: undefined
  property?: undefined
  stat?: undefined
}

/** The events that have properties. */
export interface EventsSource extends NoLiveSource {
  by: 'property'
  range: RangeSelection
  stat?: PropertyStat | undefined
  referrer?: undefined
  name?: undefined
  property?: undefined
}

/** The properties of one event, or the values of one property. */
export interface PropertySource extends NoLiveSource {
  by: 'property'
  range: RangeSelection
  /** With `by="property"`: event; the list ranks its properties. @default the list ranks the events with properties */
  name: string
  /** With `name`: property; the list ranks its values. @default the list ranks the properties of the event */
  property?: string | undefined
  /** With `by="property"`: statistic of the `value` of the events, beside their number. @default none */
  stat?: PropertyStat | undefined
  referrer?: undefined
}

/** Statistic of the `value` of the events of a property. */
export type PropertyStat = keyof ValueStats

/** Source of a list: items of the host, a channel of the live state, or a dimension of the history. */
export type ListSource<Item extends object = object> =
  | ItemsSource<Item>
  | ChannelSource
  | HistorySource
  | ReferringPageSource
  | EventsSource
  | PropertySource

/** Fields of any source, also in combinations that the types refuse. */
export interface SourceFields {
  readonly items?: unknown
  readonly labelKey?: unknown
  readonly valueKey?: unknown
  readonly channel?: unknown
  readonly by?: unknown
  readonly range?: unknown
  readonly referrer?: unknown
  readonly name?: unknown
  readonly property?: unknown
  readonly stat?: unknown
}

const channels: readonly unknown[] = [
  'activePages',
  'referrers',
  'countries',
  'devices',
  'events',
  'goals',
] satisfies TopListChannel[]

const dimensions: readonly unknown[] = [...historyDimensionNames, 'property']

/** Returns a message that names the invalid field of a source and the remedy; `undefined` for a valid source. */
export function sourceProblem(source: SourceFields): string | undefined {
  const { items, labelKey, valueKey, channel, by, range } = source
  const hasItems = items !== undefined && items !== null
  if (hasItems && !Array.isArray(items)) return '`items` is not an array.'
  if (hasItems && channel) return '`channel` has no effect with `items`; pass one of them.'
  if (hasItems && by) return '`by` has no effect with `items`; pass one of them.'
  if (hasItems && !labelKey) return '`labelKey` is missing; it names the property with the label.'
  if (hasItems && !valueKey) return '`valueKey` is missing; it names the property with the number.'
  if (channel && by) return '`by` has no effect with `channel`; pass one of them.'
  if (channel && !channels.includes(channel)) {
    return `\`channel\` '${text(channel)}' is not a list; use one of ${channels.join(', ')}.`
  }
  if (by && !dimensions.includes(by)) {
    return `\`by\` '${text(by)}' is not a dimension; use one of ${dimensions.join(', ')}.`
  }
  if (by && !range) return "`range` is missing; for example { last: '7d' }."
  if (range && !by) return '`range` has no effect without `by`.'
  // With keys, the items are still to come.
  const hasSource = hasItems || channel || by || labelKey
  return hasSource ? filterProblem(source) : '`items`, `channel` or `by` is missing.'
}

/** Returns the problem of a field that selects rows. */
function filterProblem({ by, referrer, name, property, stat }: SourceFields): string | undefined {
  if (referrer !== undefined && by !== 'referringPage') {
    return '`referrer` has no effect without `by="referringPage"`.'
  }
  const [field] = Object.entries({ name, property, stat }).find(each => each[1] !== undefined) ?? []
  if (field !== undefined && by !== 'property') {
    return `\`${field}\` has no effect without \`by="property"\`.`
  }
  if (property === undefined || name !== undefined) return undefined
  return '`name` is missing; it names the event that has the `property`.'
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : typeof value
}
