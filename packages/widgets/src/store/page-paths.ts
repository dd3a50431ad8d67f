import type { ChannelName, PageVisitors } from '@tidemark/protocol'
import { toPagePaths } from '@tidemark/sdk/live'

/**
 * Normalizes the paths of a subscriber, without duplicates.
 * @throws {TypeError} for a path that does not start with a slash
 */
export function normalizePaths(paths: readonly string[] = []): readonly string[] {
  return [...new Set(toPagePaths(paths))]
}

/** Returns the channels that can be subscribed to: `pageVisitors` needs a path. */
export function readableChannels<Name extends ChannelName>(
  channels: readonly Name[],
  paths: readonly string[],
): readonly Name[] {
  return paths.length > 0 ? channels : channels.filter(name => name !== 'pageVisitors')
}

/**
 * Selects the rows of paths from those of all subscribers.
 * @returns `previous` if it has the same rows, so that visitors of other pages do not count as a change
 */
export function selectPages(
  rows: readonly PageVisitors[],
  paths: readonly string[],
  previous: PageVisitors[] | undefined,
): PageVisitors[] {
  const selected = rows.filter(({ path }) => paths.includes(path))
  const isSame =
    selected.length === previous?.length &&
    selected.every(
      ({ path, visitors }, index) =>
        path === previous[index]?.path && visitors === previous[index]?.visitors,
    )
  return isSame ? previous : selected
}
