import { type WindowMinutes, windowMinutes } from '@tidemark/protocol'
import type { ByteReader, ByteWriter } from '../../shared/bytes.ts'

/** Slots of the ring, one per second: a power of two above the longest window. */
const slots = 4096
/** Length of each window in seconds, in the ascending order of `windowMinutes`. */
const windowSeconds = windowMinutes.map(minutes => minutes * 60)
const longestSeconds = windowSeconds.at(-1) ?? 0

/**
 * Number of events in the last 1, 2, 5, 10, 15, 20, 30, 45 and 60 minutes. All windows slide by seconds. A ring of counts per second
 * and one running sum per window make memory independent of traffic.
 */
export interface SlidingCount {
  /**
   * Counts events at the time `at`, in milliseconds. Events older than every window, and events of a later second,
   * change nothing.
   * @param times number of events. @default 1
   */
  add(at: number, times?: number): void
  /** Removes one event that was counted at `at`. */
  remove(at: number): void
  /** Slides the windows to `now`. An earlier time than the last one changes nothing. */
  advance(now: number): void
  /** Returns the number of events in the `minutes` that end with the current second. */
  within(minutes: WindowMinutes): number
  /** Returns whether every window is empty, so that advancing the time changes nothing. */
  isEmpty(): boolean
  write(writer: ByteWriter): void
  /** Restores the bytes of `write`, and the time at which they were written. */
  read(reader: ByteReader): void
}

export function createSlidingCount(): SlidingCount {
  let counts: Uint32Array | undefined
  let second = 0
  /** Sum of each window, in the order of `windowSeconds`. */
  const sums = windowSeconds.map(() => 0)
  const isEmpty = (): boolean => sums.at(-1) === 0

  function changeSum(window: number, by: number): void {
    sums[window] = (sums[window] ?? 0) + by
  }

  /** Returns the age and count of each second that has events. */
  function nonEmptySeconds(): [age: number, count: number][] {
    if (!counts) return []
    const seconds: [number, number][] = []
    for (let age = 0; age < longestSeconds; age++) {
      const count = counts[(second - age + slots) % slots]
      if (count) seconds.push([age, count])
    }
    return seconds
  }

  function addAtAge(age: number, by: number): void {
    counts ??= new Uint32Array(slots)
    const slot = (second - age) % slots
    counts[slot] = (counts[slot] ?? 0) + by
    // Longest window first: an age outside a window is also outside all shorter ones.
    for (let window = windowSeconds.length - 1; window >= 0; window--) {
      if (age >= (windowSeconds[window] ?? 0)) break
      changeSum(window, by)
    }
  }

  return {
    add(at, times = 1) {
      const age = second - Math.floor(at / 1000)
      if (age < 0 || age >= longestSeconds) return
      addAtAge(age, times)
    },
    remove(at) {
      const age = second - Math.floor(at / 1000)
      if (age >= 0 && age < longestSeconds) addAtAge(age, -1)
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
          changeSum(window, -(counts[(second - seconds + slots) % slots] ?? 0))
        }
        // Clears the slot that leaves the longest window, because a later second reuses it.
        counts[(second - longestSeconds + slots) % slots] = 0
      }
    },
    within: minutes => sums[windowMinutes.indexOf(minutes)] ?? 0,
    isEmpty,
    write(writer) {
      const seconds = nonEmptySeconds()
      writer.uint(second)
      writer.uint(seconds.length)
      for (const [age, count] of seconds) {
        writer.uint(age)
        writer.uint(count)
      }
    },
    read(reader) {
      second = reader.uint()
      for (let remaining = reader.uint(); remaining > 0; remaining--)
        addAtAge(reader.uint(), reader.uint())
    },
  }
}
