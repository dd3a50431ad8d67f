import { windowMinutes, type WindowMinutes } from '@tidemark/protocol'
import type { ByteReader, ByteWriter } from '../../shared/bytes.ts'

const slots = 4096 // seconds; a power of two past the longest window
/** How long each window is, in ascending order as the windows are. */
const windowSeconds = windowMinutes.map(minutes => minutes * 60)
const longestSeconds = windowSeconds.at(-1) ?? 0

/**
 * How many in the last 1, 5, 15, 30 and 60 minutes, each window sliding by whole seconds. One ring of
 * counts by second, and one running sum for each window; memory does not depend on traffic.
 */
export interface SlidingCount {
  /**
   * Counts what happened at `at`, in milliseconds; what is older than every window changes nothing.
   * @param times how often it did. @default 1
   */
  add(at: number, times?: number): void
  /** Takes back one that was counted at `at`. */
  remove(at: number): void
  /** Lets time pass; it never goes back. */
  advance(now: number): void
  /** Those in the `minutes` that end with the current second. */
  within(minutes: WindowMinutes): number
  /** Whether every window is empty, so that time passing changes nothing. */
  isEmpty(): boolean
  write(writer: ByteWriter): void
  /** Takes in what another has written, at the time that it was at. */
  read(reader: ByteReader): void
}

export function createSlidingCount(): SlidingCount {
  let counts: Uint32Array | undefined
  let second = 0
  /** One for each window, the longest last. */
  const sums = windowSeconds.map(() => 0)
  const isEmpty = (): boolean => sums.at(-1) === 0

  function change(window: number, by: number): void {
    sums[window] = (sums[window] ?? 0) + by
  }

  /** Every second that has a count, as its age, and the count. */
  function filled(): [number, number][] {
    if (!counts) return []
    const ages: [number, number][] = []
    for (let age = 0; age < longestSeconds; age++) {
      const count = counts[(second - age + slots) % slots]
      if (count) ages.push([age, count])
    }
    return ages
  }

  function addAll(age: number, by: number): void {
    counts ??= new Uint32Array(slots)
    const slot = (second - age) % slots
    counts[slot] = (counts[slot] ?? 0) + by
    // From the longest, as what is too old for one is too old for all that are shorter.
    for (let window = windowSeconds.length - 1; window >= 0; window--) {
      if (age >= (windowSeconds[window] ?? 0)) break
      change(window, by)
    }
  }

  return {
    add(at, times = 1) {
      const age = second - Math.floor(at / 1000)
      if (age < 0 || age >= longestSeconds) return
      addAll(age, times)
    },
    remove(at) {
      const age = second - Math.floor(at / 1000)
      if (age >= 0 && age < longestSeconds) addAll(age, -1)
    },
    advance(now) {
      const target = Math.floor(now / 1000)
      if (!counts || isEmpty() || target - second >= slots) {
        counts = undefined
        sums.fill(0)
        second = Math.max(second, target)
      }
      while (counts && second < target) {
        second++
        for (const [window, seconds] of windowSeconds.entries()) {
          change(window, -(counts[(second - seconds + slots) % slots] ?? 0))
        }
        // The slot that leaves the longest window is free for the second that will reuse it.
        counts[(second - longestSeconds + slots) % slots] = 0
      }
    },
    within: minutes => sums[windowMinutes.indexOf(minutes)] ?? 0,
    isEmpty,
    write(writer) {
      const ages = filled()
      writer.uint(second)
      writer.uint(ages.length)
      for (const [age, count] of ages) {
        writer.uint(age)
        writer.uint(count)
      }
    },
    read(reader) {
      second = reader.uint()
      for (let left = reader.uint(); left > 0; left--) addAll(reader.uint(), reader.uint())
    },
  }
}
