import { hash, randomBytes } from 'node:crypto'
import type { LogEntry } from '../access-log/entry.ts'
import { type UserAgent, parseUserAgent } from '../ingest/user-agent.ts'
import type { CountryOf } from '../ingest/country.ts'
import type { StoredSegment } from '../log/store.ts'
import type { Hash } from '../rollup/sketch/hash.ts'

/** Who asked: one host with one user agent on one day. */
export interface Visitor {
  /** Of a person; bots are not told apart. */
  readonly hash: Hash | undefined
  readonly agent: UserAgent
  readonly country: string | undefined
}

/** The visitors of a log, told apart by hashes from which neither host nor agent can be told. */
export interface VisitorHashes {
  visitorOf(entry: LogEntry): Visitor
  /** The salts that have come, and gone, since this was last called. */
  drainDirty(): StoredSegment[]
  /** Forgets the salts of the days that are complete: all but those on which a log may begin or end. */
  deleteCompleteDays(): void
}

export interface VisitorHashesOptions {
  /** Start of the day that holds a time. */
  dayOf(at: number): number
  countryOf: CountryOf
  /** The salts that other imports have kept. */
  stored: readonly StoredSegment[]
  /** @default randomBytes */
  random?: (bytes: number) => Buffer
}

/** Salts, each under the start of its day. */
export const saltTable = 'import salts'
const saltBytes = 16

export function createVisitorHashes(options: VisitorHashesOptions): VisitorHashes {
  const { dayOf, countryOf, stored, random = randomBytes } = options
  const salts = new Map(
    stored.map(({ id, bytes }) => [id, Buffer.from(bytes ?? []).toString('hex')]),
  )
  const dirty = new Set<number>()
  let first = Infinity
  let last = -Infinity

  function saltOf(day: number): string {
    first = Math.min(first, day)
    last = Math.max(last, day)
    const before = salts.get(day)
    if (before) return before
    const salt = random(saltBytes).toString('hex')
    salts.set(day, salt)
    dirty.add(day)
    return salt
  }

  return {
    // Told anew each time: in a long log hardly anybody is the visitor of a moment ago, and a hash is soon made.
    visitorOf({ host, userAgent = '', at }) {
      const agent = parseUserAgent(userAgent)
      if (agent.isBot) return { hash: undefined, agent, country: undefined }
      // No field of a log line holds a line feed that was not escaped, so the two cannot run together.
      const digest = hash('sha256', `${saltOf(dayOf(at))}\n${host}\n${userAgent}`, 'binary')
      return {
        hash: { high: wordOf(digest, 0), low: wordOf(digest, 1) },
        agent,
        country: countryOf(undefined, host),
      }
    },
    drainDirty() {
      const segments = [...dirty].map(id => {
        const salt = salts.get(id)
        return {
          table: saltTable,
          id,
          bytes: salt === undefined ? salt : Buffer.from(salt, 'hex'),
        }
      })
      dirty.clear()
      return segments
    },
    deleteCompleteDays() {
      if (last < first) return
      const newest = Math.max(...salts.keys())
      for (const day of salts.keys()) {
        if (day === first || day === last || day === newest) continue
        salts.delete(day)
        dirty.add(day)
      }
    },
  }
}

/** The little-endian word of a digest, whose characters are its bytes, at an index. */
function wordOf(digest: string, index: number): number {
  const byte = (at: number): number => digest.charCodeAt(4 * index + at)
  return (byte(0) | (byte(1) << 8) | (byte(2) << 16) | (byte(3) << 24)) >>> 0
}
