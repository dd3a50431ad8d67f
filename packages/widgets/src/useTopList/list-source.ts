import type { BreakdownDimension } from '../fetchMetrics/metrics.ts'
import type { RangeSelection } from '../history/range-selection.ts'
import type { HostStatus } from '../status/connection-state.ts'

/** Channels that a list can show. */
export type TopListChannel =
  'activePages' | 'referrers' | 'countries' | 'devices' | 'events' | 'goals'

/** Dimensions of the history that a list can show; `fetchMetrics` and `useHistory` return rows of the others. */
export type TopListDimension = Extract<
  BreakdownDimension,
  'path' | 'referrer' | 'country' | 'device' | 'browser' | 'os' | 'campaign' | 'name' | 'goal'
>

/** Order of a list: the largest value first, or by label. */
export type TopListSort = 'value' | 'label'

/** A list of items that the host passes in. */
export interface ItemsSource<Item extends object = object> {
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
export interface ChannelSource {
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
export interface HistorySource {
  /** Dimension of the history to rank, by page views, events or reached goals. Needs `range`. @default none */
  by: TopListDimension
  /** With `by`: time range. */
  range: RangeSelection
  items?: undefined
  labelKey?: undefined
  valueKey?: undefined
  status?: undefined
  channel?: undefined
}

/** Source of a list: items of the host, a channel of the live state, or a dimension of the history. */
export type ListSource<Item extends object = object> =
  ItemsSource<Item> | ChannelSource | HistorySource

/** Fields of any source, also in combinations that the types refuse. */
export interface SourceFields {
  readonly items?: unknown
  readonly labelKey?: unknown
  readonly valueKey?: unknown
  readonly channel?: unknown
  readonly by?: unknown
  readonly range?: unknown
}

const channels: readonly unknown[] = [
  'activePages',
  'referrers',
  'countries',
  'devices',
  'events',
  'goals',
] satisfies TopListChannel[]

const dimensions: readonly unknown[] = [
  'path',
  'referrer',
  'country',
  'device',
  'browser',
  'os',
  'campaign',
  'name',
  'goal',
] satisfies TopListDimension[]

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
  return hasSource ? undefined : '`items`, `channel` or `by` is missing.'
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : typeof value
}
