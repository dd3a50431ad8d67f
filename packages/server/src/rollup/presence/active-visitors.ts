import {
  type ActivePage,
  type CountryRow,
  type DeviceRow,
  type SourceRow,
  eventNames,
} from '@tidemark/protocol'
import type { ByteReader, ByteWriter } from '../../shared/bytes.ts'
import type { CooperativeTask } from '../../shared/cooperative-task.ts'
import type { OverflowCounts, RollupBounds } from '../bounds.ts'
import type { SiteEvent } from '../event.ts'
import { toDevice } from '../live/device.ts'
import { memoizeRows } from '../live/memoize-rows.ts'
import type { CountListener, RankedName } from '../live/ranking.ts'
import type { Hash } from '../sketch/hash.ts'
import type { PresenceField } from './presence-fields.ts'
import { createPresenceUpdates } from './presence-updates.ts'
import { createPresence } from './presence.ts'

/** Active visitors and their distribution. Each list is the same array until a row of it may have changed. */
export interface VisitorRows {
  /** Number of active visitors. The visitors of each list add up to this number. */
  currentVisitors(): number
  activePages(): ActivePage[]
  /** Number of active visitors whose latest page is `path`; also of a path that `activePages` does not list. */
  visitorsOf(path: string): number
  /** Calls the listener before each change of a page's visitors. Replaces the previous listener. */
  observePages(listener: CountListener): void
  referrers(): SourceRow[]
  countries(): CountryRow[]
  devices(): DeviceRow[]
}

/** Tracks active visitors from events, heartbeats and leaves. */
export interface ActiveVisitors {
  readonly rows: VisitorRows
  /** Collects the presence update of an event. `flush` applies it. */
  add(event: SiteEvent): void
  /** Applies the collected updates at the current time. */
  flush(): void
  /** Applies a heartbeat or a leave event at the current time. */
  applySignal(signal: SiteEvent): void
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
  const rowsOf = <Row extends object>(
    field: PresenceField,
    toRow: (ranked: RankedName) => Row,
  ): ReturnType<typeof memoizeRows<Row>> => memoizeRows(() => presence.top(field), toRow)

  return {
    rows: {
      currentVisitors: presence.count,
      activePages: rowsOf('path', ({ name, count }) => ({ path: name, visitors: count })),
      visitorsOf: path => presence.countOf('path', path),
      observePages: listener => presence.observe('path', listener),
      referrers: rowsOf('source', ({ name, count }) => ({ source: name, visitors: count })),
      countries: rowsOf('country', ({ name, count }) => ({ country: name, visitors: count })),
      devices: rowsOf('device', ({ name, count }) => ({
        device: toDevice(name),
        visitors: count,
      })),
    },
    add: updates.add,
    flush: updates.flush,
    applySignal(signal) {
      const { name, sender, path } = signal
      if (name === eventNames.leave) {
        presence.leave(hashVisitor(sender.visitor), path, now)
      } else {
        updates.add(signal)
        updates.flush()
      }
    },
    advance(time) {
      now = time
      presence.advance(time)
    },
    write: presence.write,
    read: presence.read,
  }
}
