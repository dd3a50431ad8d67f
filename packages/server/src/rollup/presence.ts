import type { Device } from '@tidemark/protocol'
import { type RollupBounds, type Tally, countTurnedAway } from './bounds.ts'
import type { ByteReader, ByteWriter } from './bytes.ts'
import { toDevice } from './device.ts'
import { directSource } from './event.ts'
import { type RankedName, createRanking } from './ranking.ts'

/** What is known of a visitor who is here now. Each is on exactly one page, the latest. */
interface Visitor {
  path: string
  source: string
  country: string
  device: Device
  seenAt: number
}

/** What one event or heartbeat says of its visitor; what it does not say stays as it was. */
export interface Sighting {
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
  see(id: string, sighting: Sighting, now: number): void
  /** Counts only for the page the visitor is on, as another tab may be open, and only after a short grace. */
  leave(id: string, path: string | undefined, now: number): void
  /** Ends those whose time is over. */
  advance(now: number): void
  count(): number
  pages(): readonly RankedName[]
  sources(): readonly RankedName[]
  countries(): readonly RankedName[]
  devices(): readonly RankedName[]
  write(writer: ByteWriter): void
  /** Takes in what another has written. */
  read(reader: ByteReader): void
}

const noPage = '(none)'
const unknownCountry = '(unknown)'

export function createPresence(bounds: RollupBounds, turnedAway: Tally): Presence {
  // Both maps are in the order of their times, because time only moves forward and a visitor who is
  // seen again is put at the end. So the next to expire is always the first.
  const visitors = new Map<string, Visitor>()
  const leaving = new Map<string, number>()
  const pages = createRanking(bounds.maxListRows)
  const sources = createRanking(bounds.maxListRows)
  const countries = createRanking(bounds.maxListRows)
  const devices = createRanking(bounds.maxListRows)

  function count(visitor: Visitor, by: 1 | -1): void {
    pages.add(visitor.path, by)
    sources.add(visitor.source, by)
    countries.add(visitor.country, by)
    devices.add(visitor.device, by)
  }

  function end(id: string, visitor: Visitor): void {
    visitors.delete(id)
    leaving.delete(id)
    count(visitor, -1)
  }

  return {
    see(id, sighting, now) {
      const before = visitors.get(id)
      if (!before && visitors.size >= bounds.maxActiveVisitors) {
        countTurnedAway(turnedAway, 'visitors')
        return
      }
      const visitor: Visitor = {
        path: sighting.path ?? before?.path ?? noPage,
        source: sourceOf(sighting) ?? before?.source ?? directSource,
        country: sighting.country ?? before?.country ?? unknownCountry,
        device: sighting.device ?? before?.device ?? 'other',
        seenAt: now,
      }
      visitors.delete(id)
      visitors.set(id, visitor)
      leaving.delete(id)
      if (before && isSame(before, visitor)) return
      if (before) count(before, -1)
      count(visitor, 1)
    },
    leave(id, path, now) {
      if (visitors.get(id)?.path !== (path ?? noPage)) return
      leaving.delete(id)
      leaving.set(id, now + bounds.leaveGraceMs)
    },
    advance(now) {
      for (const [id, visitor] of visitors) {
        if (visitor.seenAt + bounds.activeMs > now) break
        end(id, visitor)
      }
      for (const [id, endsAt] of leaving) {
        if (endsAt > now) break
        const visitor = visitors.get(id)
        if (visitor) end(id, visitor)
        leaving.delete(id)
      }
    },
    count: () => visitors.size,
    pages: pages.top,
    sources: sources.top,
    countries: countries.top,
    devices: devices.top,
    write(writer) {
      writer.uint(visitors.size)
      for (const [id, visitor] of visitors) writeVisitor(writer, id, visitor)
      writer.uint(leaving.size)
      for (const [id, endsAt] of leaving) {
        writer.text(id)
        writer.uint(endsAt)
      }
    },
    read(reader) {
      for (let left = reader.uint(); left > 0; left--) {
        const [id, visitor] = readVisitor(reader)
        visitors.set(id, visitor)
        count(visitor, 1)
      }
      for (let left = reader.uint(); left > 0; left--) leaving.set(reader.text(), reader.uint())
    },
  }
}

/** Who comes again without being led says nothing of what led here first. */
export function sourceOf({ source }: Pick<Sighting, 'source'>): string | undefined {
  return source === directSource ? undefined : source
}

function writeVisitor(writer: ByteWriter, id: string, visitor: Visitor): void {
  writer.text(id)
  writer.text(visitor.path)
  writer.text(visitor.source)
  writer.text(visitor.country)
  writer.text(visitor.device)
  writer.uint(visitor.seenAt)
}

function readVisitor(reader: ByteReader): [string, Visitor] {
  const id = reader.text()
  const [path, source, country] = [reader.text(), reader.text(), reader.text()]
  const device = toDevice(reader.text())
  return [id, { path, source, country, device, seenAt: reader.uint() }]
}

function isSame(a: Visitor, b: Visitor): boolean {
  return (
    a.path === b.path && a.source === b.source && a.country === b.country && a.device === b.device
  )
}
