import type { ByteReader, ByteWriter } from '../../shared/bytes.ts'

/** What is counted in a second beside its events; a session counts where it begins, so late events move some. */
export interface SecondTally {
  sessions: number
  bounces: number
  botEvents: number
}

/**
 * The tallies of the last seconds, in a ring: sessions change seconds that are long over, which are not to be
 * unpacked for it.
 */
export interface SecondTallies {
  /** Changes the tally of a second; one that is not kept stays as it is. */
  add(second: number, change: Partial<SecondTally>): void
  /** Lets time pass, to the start of a second. */
  advance(now: number): void
  /** Those of `[from, to)` that are not zero, in order, by their starts. */
  range(from: number, to: number): Map<number, SecondTally>
  write(writer: ByteWriter): void
  /** Takes in what another has written, at the time that it was at. */
  read(reader: ByteReader): void
  /** Says that seconds up to the present were not counted, and are not to be changed. */
  begin(): void
}

const secondMs = 1000
const fields = 3

/** @param retentionMs how long each is kept after it began */
export function createSecondTallies(retentionMs: number): SecondTallies {
  const length = Math.ceil(retentionMs / secondMs)
  const ring = new Int32Array(length * fields)
  let now = 0
  /** The first second that is counted. */
  let since = 0

  const placeOf = (second: number): number => ((second / secondMs) % length) * fields
  const isKept = (second: number): boolean =>
    second >= since && second > now - retentionMs && second <= now

  function add(second: number, change: Partial<SecondTally>): void {
    if (!isKept(second)) return
    const { sessions = 0, bounces = 0, botEvents = 0 } = change
    const place = placeOf(second)
    for (const [field, by] of [sessions, bounces, botEvents].entries()) {
      ring[place + field] = (ring[place + field] ?? 0) + by
    }
  }

  function range(from: number, to: number): Map<number, SecondTally> {
    const tallies = new Map<number, SecondTally>()
    const first = Math.max(0, now - (length - 1) * secondMs, Math.ceil(from / secondMs) * secondMs)
    for (let second = first; second <= now && second < to; second += secondMs) {
      const place = placeOf(second)
      const [sessions = 0, bounces = 0, botEvents = 0] = ring.subarray(place, place + fields)
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
        ring.fill(0, placeOf(second), placeOf(second) + fields)
      }
      now = to
    },
    range,
    begin() {
      since = now + secondMs
    },
    write(writer) {
      writer.uint(since)
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
      since = reader.uint()
      for (let left = reader.uint(); left > 0; left--) {
        const second = reader.uint()
        add(second, { sessions: reader.int(), bounces: reader.int(), botEvents: reader.uint() })
      }
    },
  }
}
