import type { Device } from '@tidemark/protocol'
import { type RollupBounds, type OverflowCounts, countOverflow } from '../bounds.ts'
import type { ByteReader, ByteWriter } from '../../shared/bytes.ts'
import { directSource } from '../event.ts'
import { readPresence, writePresence } from './presence-bytes.ts'
import { type RankedName, type Ranking, createRanking } from '../live/ranking.ts'
import type { Hash } from '../sketch/hash.ts'
import type { CooperativeTask } from '../../shared/cooperative-task.ts'
import { createLruRows } from '../table/lru-rows.ts'

/** What one event or heartbeat says of its visitor; what it does not say stays as it was. */
export interface PresenceUpdate {
  path: string | undefined
  source: string | undefined
  country: string | undefined
  device: Device | undefined
}

/**
 * Who is here now. A visitor is active from the last sign of life for `activeMs`, and ends by time
 * passing, without any event. Every list sums to `count`, because each counts the same visitors.
 */
export interface Presence {
  see(visitor: Hash, sighting: PresenceUpdate, now: number): void
  /** Counts only for the page the visitor is on, as another tab may be open, and only after a short grace. */
  leave(visitor: Hash, path: string | undefined, now: number): void
  /** Ends those whose time is over. */
  advance(now: number): void
  count(): number
  pages(): readonly RankedName[]
  sources(): readonly RankedName[]
  countries(): readonly RankedName[]
  devices(): readonly RankedName[]
  /** What they take in memory, but for the names. */
  bytes(): number
  /** Writes who was here when it was called, and not what happens during the steps. */
  write(writer: ByteWriter): CooperativeTask<void>
  /** Takes in what another has written, of this version of a state or an earlier one. */
  read(reader: ByteReader, version: number): void
}

const noPage = '(none)'
const unknownCountry = '(unknown)'

/** @param seed see `createRowIndex` */
export function createPresence(bounds: RollupBounds, overflow: OverflowCounts, seed = 0): Presence {
  const [pages, sources, countries, devices] = [1, 2, 3, 4].map(() =>
    createRanking(bounds.maxListRows),
  ) as [Ranking, Ranking, Ranking, Ranking]
  /** What a visitor is counted by: each is on exactly one page, the latest, and so on. */
  const rankings = [pages, sources, countries, devices]
  // Time only moves forward, so the next to expire is always the first. A row's words are the numbers of
  // its names in the rankings.
  const visitors = createLruRows(rankings.length, seed)
  /** Rows that end before their time, in the order in which they do. */
  const leaving = new Map<number, number>()

  function add(visitor: Hash, names: readonly string[], seenAt: number): void {
    const row = visitors.add(visitor, seenAt)
    for (const [field, ranking] of rankings.entries()) {
      visitors.setWord(row, field, ranking.add(names[field] ?? ''))
    }
  }

  function end(row: number): void {
    for (const [field, ranking] of rankings.entries()) ranking.remove(visitors.word(row, field))
    visitors.remove(row)
    leaving.delete(row)
  }

  const nameOf = (row: number, field: number): string =>
    rankings[field]?.nameOf(visitors.word(row, field)) ?? ''

  /** What a sighting does not say stays as it was. */
  function move(row: number, field: number, name: string | undefined): void {
    const ranking = rankings[field]
    if (!ranking || name === undefined || nameOf(row, field) === name) return
    const before = visitors.word(row, field)
    visitors.setWord(row, field, ranking.add(name))
    ranking.remove(before)
  }

  return {
    see(visitor, sighting, now) {
      const { path, country, device } = sighting
      const source = sourceOf(sighting)
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
      leaving.delete(row)
      leaving.set(row, now + bounds.leaveGraceMs)
    },
    advance(now) {
      for (let row = visitors.first(); row >= 0; row = visitors.first()) {
        if (visitors.seenAt(row) + bounds.activeMs > now) break
        end(row)
      }
      for (const [row, endsAt] of leaving) {
        if (endsAt > now) break
        end(row)
      }
    },
    count: () => visitors.size,
    pages: pages.top,
    sources: sources.top,
    countries: countries.top,
    devices: devices.top,
    bytes: visitors.memoryBytes,
    write: writer =>
      writePresence(writer, {
        size: visitors.size,
        rows: visitors.snapshot(),
        names: rankings.map(ranking => ranking.names()),
        leaving: [...leaving],
      }),
    read: (reader, version) =>
      readPresence(reader, version, rankings.length, {
        visitor: add,
        leaving(visitor, endsAt) {
          const row = visitors.find(visitor)
          if (row >= 0) leaving.set(row, endsAt)
        },
      }),
  }
}

/** Who comes again without being led says nothing of what led here first. */
export function sourceOf({ source }: Pick<PresenceUpdate, 'source'>): string | undefined {
  return source === directSource ? undefined : source
}
