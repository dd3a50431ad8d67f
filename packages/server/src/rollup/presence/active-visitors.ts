import type { ActivePage, CountryRow, DeviceRow, SourceRow } from '@tidemark/protocol'
import type { ByteReader, ByteWriter } from '../../shared/bytes.ts'
import type { CooperativeTask } from '../../shared/cooperative-task.ts'
import type { OverflowCounts, RollupBounds } from '../bounds.ts'
import type { PresenceSignal, SiteEvent } from '../event.ts'
import { toDevice } from '../live/device.ts'
import { memoizeRows } from '../live/memoize-rows.ts'
import type { Hash } from '../sketch/hash.ts'
import { createPresenceUpdates } from './presence-updates.ts'
import { createPresence } from './presence.ts'

/** Active visitors and their distribution. Each list is the same array until a row of it may have changed. */
export interface VisitorRows {
  /** Number of active visitors. The visitors of each list add up to this number. */
  currentVisitors(): number
  activePages(): ActivePage[]
  referrers(): SourceRow[]
  countries(): CountryRow[]
  devices(): DeviceRow[]
}

/** Tracks active visitors from events, heartbeats and leave signals. */
export interface ActiveVisitors {
  readonly rows: VisitorRows
  /** Collects the presence update of an event. `flush` applies it. */
  add(event: SiteEvent): void
  /** Applies the collected updates at the current time. */
  flush(): void
  /** Applies a heartbeat or a leave signal at the current time. */
  applySignal(signal: PresenceSignal): void
  /** Moves the current time to `now` and ends the visits that have expired by then. */
  advance(now: number): void
  /** Writes the visitors as they are at the first step; changes during later steps are not written. */
  write(writer: ByteWriter): CooperativeTask<void>
  /** Restores the bytes of `write` into an empty state. */
  read(reader: ByteReader): void
}

export interface ActiveVisitorsOptions {
  /** Hashes a visitor id. A function that remembers its last result suits batches of one visitor. */
  hashVisitor: (visitor: string) => Hash
  /** Seed of the row index; see `createRowIndex`. */
  seed: number
}

export function createActiveVisitors(
  bounds: RollupBounds,
  overflow: OverflowCounts,
  { hashVisitor, seed }: ActiveVisitorsOptions,
): ActiveVisitors {
  let now = 0
  const presence = createPresence(bounds, overflow, seed)
  const updates = createPresenceUpdates((visitor, update) =>
    presence.update(hashVisitor(visitor), update, now),
  )

  return {
    rows: {
      currentVisitors: presence.count,
      activePages: memoizeRows(presence.pages, ({ name, count }) => ({
        path: name,
        visitors: count,
      })),
      referrers: memoizeRows(presence.sources, ({ name, count }) => ({
        source: name,
        visitors: count,
      })),
      countries: memoizeRows(presence.countries, ({ name, count }) => ({
        country: name,
        visitors: count,
      })),
      devices: memoizeRows(presence.devices, ({ name, count }) => ({
        device: toDevice(name),
        visitors: count,
      })),
    },
    add: updates.add,
    flush: updates.flush,
    applySignal(signal) {
      const visitor = hashVisitor(signal.visitor)
      if (signal.kind === 'leave') presence.leave(visitor, signal.path, now)
      else presence.update(visitor, signal, now)
    },
    advance(time) {
      now = time
      presence.advance(time)
    },
    write: presence.write,
    read: presence.read,
  }
}
