import { hash, randomBytes } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { LogEntry } from '../access-log/entry.ts'
import { type Agent, toAgent } from '../ingest/agent.ts'
import type { CountryOf } from '../ingest/country.ts'
import type { StoredSegment } from '../log/store.ts'
import type { Hash } from '../rollup/sketch/hash.ts'
import { importLimits } from './limits.ts'

/** Who asked: one host with one user agent on one day. */
export interface Visitor {
  /** Of a person; bots are not told apart. */
  readonly hash: Hash | undefined
  readonly agent: Agent
  readonly country: string | undefined
}

/** The visitors of a log, told apart by hashes from which neither host nor agent can be told. */
export interface Visitors {
  of(entry: LogEntry): Visitor
  /** The salts that have come, and gone, since this was last called. */
  takeDirty(): StoredSegment[]
  /** Forgets the salts of the days that are complete: all but those on which a log may begin or end. */
  forget(): void
}

export interface VisitorsOptions {
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

export function createVisitors(options: VisitorsOptions): Visitors {
  const { dayOf, countryOf, stored, random = randomBytes } = options
  const salts = new Map(
    stored.map(({ id, bytes }) => [id, Buffer.from(bytes ?? []).toString('hex')]),
  )
  const dirty = new Set<number>()
  const known = new LRUCache<string, Visitor>({ max: importLimits.maxVisitors })
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

  function look(host: string, agentText: string, day: number): Visitor {
    const agent = toAgent(agentText)
    if (agent.isBot) return { hash: undefined, agent, country: undefined }
    // No field of a log line holds a line feed that was not escaped, so the two cannot run together.
    const digest = hash('sha256', `${saltOf(day)}\n${host}\n${agentText}`, 'buffer')
    return {
      hash: { high: digest.readUInt32LE(0), low: digest.readUInt32LE(4) },
      agent,
      country: countryOf(undefined, host),
    }
  }

  return {
    of({ host, userAgent = '', at }) {
      const day = dayOf(at)
      const key = `${day} ${host}\n${userAgent}`
      const before = known.get(key)
      if (before) return before
      const visitor = look(host, userAgent, day)
      known.set(key, visitor)
      return visitor
    },
    takeDirty() {
      const segments = [...dirty].map(id => {
        const salt = salts.get(id)
        return { table: saltTable, id, bytes: salt === undefined ? salt : Buffer.from(salt, 'hex') }
      })
      dirty.clear()
      return segments
    },
    forget() {
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
