import { hash, randomBytes } from 'node:crypto'
import type { LogEntry } from '../access-log/format/entry.ts'
import { type Place, type PlaceOf, nowhere } from '../ingest/place.ts'
import { type UserAgent, parseUserAgent } from '../user-agent/parse-user-agent.ts'
import type { StoredSegment } from '../log/store.ts'
import type { Hash } from '../rollup/sketch/hash.ts'

/** One client with one user agent on one day. Requests without a client in the log count as one client. */
export interface HashedVisitor {
  readonly hash: Hash
  readonly agent: UserAgent
  readonly place: Readonly<Place>
}

/** Identifies the visitors of a log by salted hashes, from which neither client nor user agent can be recovered. */
export interface VisitorHashes {
  visitorOf(entry: LogEntry): HashedVisitor
  /** Returns the salts that were created or deleted since the last call. */
  drainDirty(): StoredSegment[]
  /** Deletes the salts of complete days. The first, the last and the newest day stay: another log may continue them. */
  deleteCompleteDays(): void
}

export interface VisitorHashesOptions {
  /** Returns the start of the day that contains a time. */
  startOfDay(at: number): number
  placeOf: PlaceOf
  /** Salts that earlier imports have stored. */
  stored: readonly StoredSegment[]
  /** @default randomBytes */
  random?: (bytes: number) => Buffer
}

/** Table of salts; the ID of a segment is the start of its day. */
export const saltTable = 'import salts'
const saltBytes = 16

export function createVisitorHashes(options: VisitorHashesOptions): VisitorHashes {
  const { startOfDay, placeOf, stored, random = randomBytes } = options
  const salts = new Map(
    stored.map(({ id, bytes }) => [id, Buffer.from(bytes ?? []).toString('hex')]),
  )
  const dirty = new Set<number>()
  let firstDay = Infinity
  let lastDay = -Infinity

  function saltOf(day: number): string {
    firstDay = Math.min(firstDay, day)
    lastDay = Math.max(lastDay, day)
    const storedSalt = salts.get(day)
    if (storedSalt) return storedSalt
    const salt = random(saltBytes).toString('hex')
    salts.set(day, salt)
    dirty.add(day)
    return salt
  }

  return {
    // Not memoized: few visitors of a long log repeat within a short time, and a hash is cheap.
    visitorOf({ client = '-', userAgent = '', at }) {
      const agent = parseUserAgent(userAgent)
      // A client contains no line feed, so the separator is unambiguous.
      const digest = hash('sha256', `${saltOf(startOfDay(at))}\n${client}\n${userAgent}`, 'binary')
      return {
        hash: { high: wordOf(digest, 0), low: wordOf(digest, 1) },
        agent,
        // Bots have no place.
        place: agent.bot === undefined ? placeOf(undefined, client) : nowhere,
      }
    },
    drainDirty() {
      const segments = [...dirty].map(id => {
        const salt = salts.get(id)
        const bytes = salt === undefined ? undefined : Buffer.from(salt, 'hex')
        return { table: saltTable, id, bytes }
      })
      dirty.clear()
      return segments
    },
    deleteCompleteDays() {
      if (lastDay < firstDay) return
      const newestDay = Math.max(...salts.keys())
      for (const day of salts.keys()) {
        if (day === firstDay || day === lastDay || day === newestDay) continue
        salts.delete(day)
        dirty.add(day)
      }
    },
  }
}

/** Returns a little-endian 32-bit word of a digest. Each character of the digest is one byte. */
function wordOf(digest: string, index: number): number {
  const byte = (offset: number): number => digest.charCodeAt(4 * index + offset)
  return (byte(0) | (byte(1) << 8) | (byte(2) << 16) | (byte(3) << 24)) >>> 0
}
