import { type WindowMinutes, windowMinutes } from '@tidemark/protocol'
import type { ByteReader, ByteWriter } from '../../shared/bytes.ts'
import type { RankedName } from './ranking.ts'
import { type SlidingCount, createSlidingCount } from './sliding-count.ts'

/**
 * Event counts by name in sliding windows. At most `maxNames` names have their own count; all other names share one
 * row, so the rows always add up to the total of all names that are not hidden.
 */
export interface LiveCounts {
  /**
   * Counts events of one name at one time. Returns `false` when the events are counted in the shared row because there
   * is no room for the name. Events older than every window need no room.
   * @param times number of events. @default 1
   */
  add(name: string, at: number, times?: number): boolean
  advance(now: number): void
  /**
   * Returns the names by count, then by name: at most `maxRows` rows, and the row "(other)" for the rest. Returns the
   * same array until a count may have changed.
   */
  within(minutes: WindowMinutes): readonly RankedName[]
  isEmpty(): boolean
  write(writer: ByteWriter): void
  /** Restores the bytes of `write`, and the time at which they were written. */
  read(reader: ByteReader): void
}

/** Length of the longest window, in milliseconds. */
const longestMs = Math.max(...windowMinutes) * 60_000

/** @param isHidden whether a name has no row; there are fewer than `maxNames` of these names. @default all have rows */
export function createLiveCounts(
  maxNames: number,
  maxRows: number,
  isHidden: (name: string) => boolean = () => false,
): LiveCounts {
  const counts = new Map<string, SlidingCount>()
  /** Counted only because other live figures are not over while their window contains these events. */
  const hidden = new Map<string, SlidingCount>()
  const other = createSlidingCount()
  /** Cached results of `within`. Every possible change of a count clears them. */
  const ranked = new Map<WindowMinutes, readonly RankedName[]>()
  let now = 0

  // Consecutive events often have the same name.
  let lastName: string | undefined
  let last: SlidingCount | undefined

  const countsWith = (name: string): Map<string, SlidingCount> => (isHidden(name) ? hidden : counts)

  function remove(name: string): void {
    countsWith(name).delete(name)
    lastName = undefined
  }

  function countOf(name: string): SlidingCount | undefined {
    const named = countsWith(name)
    const existing = named.get(name)
    if (existing || named.size >= maxNames) return existing
    const count = createSlidingCount()
    count.advance(now)
    named.set(name, count)
    return count
  }

  return {
    add(name, at, times) {
      const count = name === lastName ? last : countOf(name)
      lastName = name
      last = count
      ;(count ?? other).add(at, times)
      // An event older than every window leaves a new count empty.
      if (count?.isEmpty()) remove(name)
      if (ranked.size > 0 && !isHidden(name)) ranked.clear()
      return count !== undefined || at <= now - longestMs
    },
    advance(time) {
      const isSameSecond = Math.floor(time / 1000) === Math.floor(now / 1000)
      now = time
      // Windows slide by seconds.
      if (isSameSecond) return
      ranked.clear()
      other.advance(time)
      for (const named of [counts, hidden]) {
        for (const [name, count] of named) {
          count.advance(time)
          if (count.isEmpty()) remove(name)
        }
      }
    },
    within(minutes) {
      const cached = ranked.get(minutes)
      if (cached) return cached
      const rows = rank(counts, other.within(minutes), minutes, maxRows)
      ranked.set(minutes, rows)
      return rows
    },
    isEmpty: () => counts.size === 0 && hidden.size === 0 && other.isEmpty(),
    write(writer) {
      writer.uint(now)
      other.write(writer)
      writer.uint(counts.size + hidden.size)
      for (const [name, count] of [...counts, ...hidden]) {
        writer.text(name)
        count.write(writer)
      }
    },
    read(reader) {
      now = reader.uint()
      other.read(reader)
      for (let remaining = reader.uint(); remaining > 0; remaining--) {
        const name = reader.text()
        const count = createSlidingCount()
        count.read(reader)
        countsWith(name).set(name, count)
      }
      ranked.clear()
    },
  }
}

function rank(
  counts: ReadonlyMap<string, SlidingCount>,
  other: number,
  minutes: WindowMinutes,
  maxRows: number,
): RankedName[] {
  const all = [...counts]
    .map(([name, count]) => ({ name, count: count.within(minutes), rest: false }))
    .filter(({ count }) => count > 0)
    .toSorted((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1))
  const unlisted = all.slice(maxRows).reduce((sum, { count }) => sum + count, other)
  const rows = all.slice(0, maxRows)
  return unlisted > 0 ? [...rows, { name: '(other)', count: unlisted, rest: true }] : rows
}
