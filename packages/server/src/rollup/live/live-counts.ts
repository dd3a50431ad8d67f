import { type WindowMinutes, windowMinutes } from '@tidemark/protocol'
import type { ByteReader, ByteWriter } from '../../shared/bytes.ts'
import type { RankedName } from './ranking.ts'
import { type SlidingCount, createSlidingCount } from './sliding-count.ts'

/**
 * How many of each name in the last minutes, each window sliding by whole seconds. It holds `maxNames`
 * names; all others are one row together, so the rows always sum to the whole.
 */
export interface LiveCounts {
  /**
   * Whether the name has a count of its own, or got one, or needs none, as that is too long ago.
   * @param times how often it is counted. @default 1
   */
  add(name: string, at: number, times?: number): boolean
  advance(now: number): void
  /** Most first, ties by name, at most `maxRows`, then the rest. The same array until a count may have changed. */
  within(minutes: WindowMinutes): readonly RankedName[]
  isEmpty(): boolean
  write(writer: ByteWriter): void
  /** Takes in what another has written, at the time that it was at. */
  read(reader: ByteReader): void
}

/** What is older is in no window. */
const longestMs = Math.max(...windowMinutes) * 60_000

export function createLiveCounts(maxNames: number, maxRows: number): LiveCounts {
  const counts = new Map<string, SlidingCount>()
  const other = createSlidingCount()
  // Emptied by whatever may change a count.
  const ranked = new Map<WindowMinutes, readonly RankedName[]>()
  let now = 0

  // Many events in a row are of one name.
  let lastName: string | undefined
  let last: SlidingCount | undefined

  function forget(name: string): void {
    counts.delete(name)
    lastName = undefined
  }

  function countOf(name: string): SlidingCount | undefined {
    const known = counts.get(name)
    if (known || counts.size >= maxNames) return known
    const count = createSlidingCount()
    count.advance(now)
    counts.set(name, count)
    return count
  }

  return {
    add(name, at, times) {
      const count = name === lastName ? last : countOf(name)
      lastName = name
      last = count
      ;(count ?? other).add(at, times)
      // Too old for every window.
      if (count?.isEmpty()) forget(name)
      if (ranked.size > 0) ranked.clear()
      return count !== undefined || at <= now - longestMs
    },
    advance(time) {
      const isSameSecond = Math.floor(time / 1000) === Math.floor(now / 1000)
      now = time
      // Windows slide by whole seconds.
      if (isSameSecond) return
      ranked.clear()
      other.advance(time)
      for (const [name, count] of counts) {
        count.advance(time)
        if (count.isEmpty()) forget(name)
      }
    },
    within(minutes) {
      const known = ranked.get(minutes)
      if (known) return known
      const rows = rank(counts, other.within(minutes), minutes, maxRows)
      ranked.set(minutes, rows)
      return rows
    },
    isEmpty: () => counts.size === 0 && other.isEmpty(),
    write(writer) {
      writer.uint(now)
      other.write(writer)
      writer.uint(counts.size)
      for (const [name, count] of counts) {
        writer.text(name)
        count.write(writer)
      }
    },
    read(reader) {
      now = reader.uint()
      other.read(reader)
      for (let left = reader.uint(); left > 0; left--) {
        const name = reader.text()
        const count = createSlidingCount()
        count.read(reader)
        counts.set(name, count)
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
