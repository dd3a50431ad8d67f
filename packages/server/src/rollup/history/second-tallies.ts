import type { ByteReader, ByteWriter } from '../../shared/bytes.ts'

/**
 * Counts of a second that are separate from its events. A session counts in the second of its start, so a late event
 * can change them.
 */
export interface SecondTally {
  sessions: number
  bounces: number
  botEvents: number
}

/**
 * Tallies of the last seconds, in a ring buffer. They are separate from the seconds' events because a change of
 * sessions would otherwise unpack seconds that are long over.
 */
export interface SecondTallies {
  /** Adds a change to the tally of a second. A second beyond the retention stays unchanged. */
  add(second: number, change: Partial<SecondTally>): void
  /** Advances to the start of a second, and expires old tallies. */
  advance(now: number): void
  /** Returns the non-zero tallies of `[from, to)` by start, in order. */
  range(from: number, to: number): Map<number, SecondTally>
  write(writer: ByteWriter): void
  /** Adds the tallies in the bytes of `write`. First call `advance` with the time of the write. */
  read(reader: ByteReader): void
}

const secondMs = 1000
const fields = 3

/** @param retentionMs time from the start of a second to its expiry */
export function createSecondTallies(retentionMs: number): SecondTallies {
  const length = Math.ceil(retentionMs / secondMs)
  const ring = new Int32Array(length * fields)
  let now = 0

  const offsetOf = (second: number): number => ((second / secondMs) % length) * fields

  function addTo(index: number, by: number): void {
    ring[index] = (ring[index] ?? 0) + by
  }

  function add(second: number, change: Partial<SecondTally>): void {
    if (second < 0 || second <= now - retentionMs || second > now) return
    const offset = offsetOf(second)
    addTo(offset, change.sessions ?? 0)
    addTo(offset + 1, change.bounces ?? 0)
    addTo(offset + 2, change.botEvents ?? 0)
  }

  function range(from: number, to: number): Map<number, SecondTally> {
    const tallies = new Map<number, SecondTally>()
    const first = Math.max(0, now - (length - 1) * secondMs, Math.ceil(from / secondMs) * secondMs)
    for (let second = first; second <= now && second < to; second += secondMs) {
      const offset = offsetOf(second)
      const [sessions = 0, bounces = 0, botEvents = 0] = ring.subarray(offset, offset + fields)
      if (sessions !== 0 || bounces !== 0 || botEvents !== 0) {
        tallies.set(second, { sessions, bounces, botEvents })
      }
    }
    return tallies
  }

  return {
    add,
    advance(to) {
      const first = Math.max(now, to - length * secondMs) + secondMs
      for (let second = first; second <= to; second += secondMs) {
        ring.fill(0, offsetOf(second), offsetOf(second) + fields)
      }
      now = to
    },
    range,
    write(writer) {
      const tallies = range(0, Infinity)
      writer.uint(tallies.size)
      for (const [second, { sessions, bounces, botEvents }] of tallies) {
        writer.uint(second)
        writer.int(sessions)
        writer.int(bounces)
        writer.uint(botEvents)
      }
    },
    read(reader) {
      for (let remaining = reader.uint(); remaining > 0; remaining--) {
        const second = reader.uint()
        add(second, { sessions: reader.int(), bounces: reader.int(), botEvents: reader.uint() })
      }
    },
  }
}
