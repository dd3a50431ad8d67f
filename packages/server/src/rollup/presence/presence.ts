import type { Device } from '@tidemark/protocol'
import type { ByteReader, ByteWriter } from '../../shared/bytes.ts'
import type { CooperativeTask } from '../../shared/cooperative-task.ts'
import { type OverflowCounts, type RollupBounds, countOverflow } from '../bounds.ts'
import { directSource } from '../event.ts'
import { type RankedName, type Ranking, createRanking } from '../live/ranking.ts'
import type { Hash } from '../sketch/hash.ts'
import { createLruRows } from '../table/lru-rows.ts'
import { readPresence, writePresence } from './presence-bytes.ts'

/** New information about a visitor from an event or a heartbeat. An undefined field keeps its current value. */
export interface PresenceUpdate {
  path: string | undefined
  source: string | undefined
  country: string | undefined
  device: Device | undefined
}

/**
 * Active visitors. A visitor is active for `activeMs` after the last event or heartbeat, and expires without any
 * further event. The counts of each list add up to `count`, because each list counts the same visitors.
 */
export interface Presence {
  /** Updates an active visitor, or adds a new one if there is room. */
  update(visitor: Hash, update: PresenceUpdate, now: number): void
  /**
   * Ends a visitor after `leaveGraceMs`, unless an update arrives before then. Does nothing when `path` is not the
   * visitor's current page, as the visitor may have another tab open.
   */
  leave(visitor: Hash, path: string | undefined, now: number): void
  /** Removes the visitors that have expired or left by `now`. */
  advance(now: number): void
  /** Number of active visitors. */
  count(): number
  pages(): readonly RankedName[]
  sources(): readonly RankedName[]
  countries(): readonly RankedName[]
  devices(): readonly RankedName[]
  /** Memory in use, in bytes, without the names. */
  memoryBytes(): number
  /** Writes the visitors as they are at the time of the call; changes during the steps are not written. */
  write(writer: ByteWriter): CooperativeTask<void>
  /** Restores the bytes of `write` into an empty presence. */
  read(reader: ByteReader): void
}

const noPage = '(none)'
const unknownCountry = '(unknown)'

/** @param seed see `createRowIndex` */
export function createPresence(bounds: RollupBounds, overflow: OverflowCounts, seed = 0): Presence {
  const [pages, sources, countries, devices] = [1, 2, 3, 4].map(() =>
    createRanking(bounds.maxListRows),
  ) as [Ranking, Ranking, Ranking, Ranking]
  /** Each visitor counts for exactly one name in each ranking: the latest page, source and so on. */
  const rankings = [pages, sources, countries, devices]
  // Least recently active first, so the first row is always the next to expire. Each word of a row is the id of
  // the visitor's name in the ranking of that field.
  const visitors = createLruRows(rankings.length, seed)
  /** End time of each row that ends early, in the order of these times. */
  const leaving = new Map<number, number>()

  function add(visitor: Hash, names: readonly string[], activeAt: number): void {
    const row = visitors.add(visitor, activeAt)
    for (const [field, ranking] of rankings.entries()) {
      visitors.setWord(row, field, ranking.add(names[field] ?? ''))
    }
  }

  function remove(row: number): void {
    for (const [field, ranking] of rankings.entries()) ranking.remove(visitors.word(row, field))
    visitors.remove(row)
    leaving.delete(row)
  }

  const nameOf = (row: number, field: number): string =>
    rankings[field]?.nameOf(visitors.word(row, field)) ?? ''

  /** Moves a visitor to another name of a ranking. An undefined name changes nothing. */
  function move(row: number, field: number, name: string | undefined): void {
    const ranking = rankings[field]
    if (!ranking || name === undefined || nameOf(row, field) === name) return
    const before = visitors.word(row, field)
    visitors.setWord(row, field, ranking.add(name))
    ranking.remove(before)
  }

  return {
    update(visitor, update, now) {
      const { path, country, device } = update
      const source = sourceOf(update)
      const row = visitors.find(visitor)
      if (row >= 0) {
        visitors.touch(row, now)
        leaving.delete(row)
        move(row, 0, path)
        move(row, 1, source)
        move(row, 2, country)
        move(row, 3, device)
      } else if (visitors.size >= bounds.maxActiveVisitors) {
        countOverflow(overflow, 'visitors')
      } else {
        const names = [
          path ?? noPage,
          source ?? directSource,
          country ?? unknownCountry,
          device ?? 'other',
        ]
        add(visitor, names, now)
      }
    },
    leave(visitor, path, now) {
      const row = visitors.find(visitor)
      if (row < 0 || nameOf(row, 0) !== (path ?? noPage)) return
      // Deleting the entry first moves it to the end of the map, which keeps the end times in order.
      leaving.delete(row)
      leaving.set(row, now + bounds.leaveGraceMs)
    },
    advance(now) {
      for (let row = visitors.first(); row >= 0; row = visitors.first()) {
        if (visitors.seenAt(row) + bounds.activeMs > now) break
        remove(row)
      }
      for (const [row, endsAt] of leaving) {
        if (endsAt > now) break
        remove(row)
      }
    },
    count: () => visitors.size,
    pages: pages.top,
    sources: sources.top,
    countries: countries.top,
    devices: devices.top,
    memoryBytes: visitors.memoryBytes,
    write: writer =>
      writePresence(writer, {
        size: visitors.size,
        rows: visitors.snapshot(),
        names: rankings.map(ranking => ranking.names()),
        leaving: [...leaving],
      }),
    read: reader =>
      readPresence(reader, rankings.length, {
        addVisitor: add,
        addLeaving(visitor, endsAt) {
          const row = visitors.find(visitor)
          if (row >= 0) leaving.set(row, endsAt)
        },
      }),
  }
}

/**
 * Returns the source of an update, or `undefined` for a direct visit. A direct return therefore keeps the source of
 * the first visit.
 */
export function sourceOf({ source }: Pick<PresenceUpdate, 'source'>): string | undefined {
  return source === directSource ? undefined : source
}
