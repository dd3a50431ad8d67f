import { type FeedEntry, readerLimits } from '@tidemark/protocol'
import { compareEntries } from './feed-entries.ts'

/**
 * Adds entries that a newer state of the channel has pushed out, so that a feed of goals is not empty on a busy site.
 * Retains the latest 50 entries of each type.
 *
 * A channel below its limit has pushed nothing out; entries missing from it no longer exist, as after a restart.
 *
 * @param previous retained entries
 * @param current entries of the channel
 * @returns entries by time, newest first
 */
export function retainEntries(
  previous: readonly FeedEntry[],
  current: readonly FeedEntry[],
): FeedEntry[] {
  const isFull = current.length >= readerLimits.maxFeedEntries
  const ids = new Set(current.map(entry => entry.id))
  const pushedOut = isFull ? previous.filter(entry => !ids.has(entry.id)) : []
  const countByType = new Map<string, number>()
  return [...current, ...pushedOut].toSorted(compareEntries).filter(({ type }) => {
    const count = (countByType.get(type) ?? 0) + 1
    countByType.set(type, count)
    return count <= readerLimits.maxFeedEntries
  })
}
