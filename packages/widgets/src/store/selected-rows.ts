import {
  type ChannelName,
  type EventProperty,
  type State,
  formatProperty,
} from '@tidemark/protocol'
import { type SelectedRows, toEventProperties, toPagePaths } from '@tidemark/sdk/live'

/**
 * Normalizes the paths of a subscriber, without duplicates.
 * @throws {TypeError} for a path that does not start with a slash
 */
export function normalizePaths(paths: readonly string[] = []): readonly string[] {
  return [...new Set(toPagePaths(paths))]
}

/**
 * Normalizes the properties of a subscriber, without duplicates.
 * @throws {TypeError} for a value without the names of an event and a property
 */
export function normalizeProperties(
  properties: readonly EventProperty[] = [],
): readonly EventProperty[] {
  const all = toEventProperties(properties)
  return [...new Map(all.map(each => [formatProperty(each), each])).values()]
}

/** Returns the channels that can be subscribed to: `pageVisitors` needs a path, and `properties` a property. */
export function readableChannels<Name extends ChannelName>(
  channels: readonly Name[],
  { paths, properties }: SelectedRows,
): readonly Name[] {
  return channels.filter(name => {
    if (name === 'pageVisitors') return paths.length > 0
    return name !== 'properties' || properties.length > 0
  })
}

/** Returns whether a channel has arrived with all selected rows. */
export function hasArrived(
  name: ChannelName,
  state: State,
  { paths, properties }: SelectedRows,
): boolean {
  if (name === 'pageVisitors') return (state.pageVisitors?.length ?? -1) >= paths.length
  if (name === 'properties') return (state.properties?.length ?? -1) >= properties.length
  return state[name] !== undefined
}

/**
 * Copies a channel that has arrived, with the selected rows only. Rows that are equal keep their list, so that changes
 * of the rows of other subscribers do not count as changes.
 */
export function copyChannel<Name extends ChannelName>(
  name: Name,
  target: State,
  source: State,
  { paths, properties }: SelectedRows,
): void {
  if (name === 'pageVisitors' && source.pageVisitors) {
    const rows = source.pageVisitors.filter(({ path }) => paths.includes(path))
    target.pageVisitors = reuseRows(target.pageVisitors, rows)
  } else if (name === 'properties' && source.properties) {
    const texts = properties.map(formatProperty)
    const rows = source.properties.filter(row => texts.includes(formatProperty(row)))
    target.properties = reuseRows(target.properties, rows)
  } else if (source[name] !== undefined) target[name] = source[name]
}

function reuseRows<Row>(previous: Row[] | undefined, rows: Row[]): Row[] {
  return previous && JSON.stringify(previous) === JSON.stringify(rows) ? previous : rows
}
