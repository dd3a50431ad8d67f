import { type FeedEntry, type FeedEntryType, eventNames, isAutomatic } from '@tidemark/protocol'
import type { ByteReader, ByteWriter } from '../../shared/bytes.ts'
import type { EventSender, SiteEvent } from '../event.ts'

/** The latest events of a site, newest first. */
export interface Feed {
  /**
   * Adds events of a log record.
   * @param offset offset of the record in the log; it becomes part of each entry's id
   */
  add(offset: number, events: readonly SiteEvent[]): void
  /** Returns the same array until an event is added. */
  entries(): readonly FeedEntry[]
  write(writer: ByteWriter): void
  /** Replaces the entries by those that `write` has written. */
  read(reader: ByteReader): void
}

type PublicFields = Pick<SiteEvent, 'name' | 'path' | 'title' | 'target' | 'at'> &
  Pick<EventSender, 'country' | 'device'>

/** An event in the ring. */
interface Slot extends PublicFields {
  offset: number
  index: number
  /** First goal that the event reaches. */
  goal: string | undefined
  /** Entry of the event, created on the first read. Streams detect changed rows by object identity. */
  entry: FeedEntry | undefined
}

export function createFeed(maxEntries: number): Feed {
  // Slots are reused. A new object per event would live just long enough to move to the old generation of the heap,
  // and such objects were half of all that moved there.
  const ring: Slot[] = []
  let added = 0
  /** Created on read, because most events leave the ring before anyone reads the feed. */
  let entries: readonly FeedEntry[] | undefined = []

  function readEntries(): readonly FeedEntry[] {
    if (entries) return entries
    const next = added % maxEntries
    entries = [...ring.slice(next), ...ring.slice(0, next)]
      .map(slot => (slot.entry ??= toEntry(slot)))
      .toReversed()
    return entries
  }

  function put(offset: number, event: SiteEvent): void {
    const { index, sender, name, path, title, target, at, goals } = event
    const slotIndex = added++ % maxEntries
    const { country, device } = sender
    const goal = goals[0]
    entries = undefined
    const slot = ring[slotIndex]
    if (!slot) {
      const entry = undefined
      ring.push({ offset, index, name, path, title, target, country, device, at, goal, entry })
      return
    }
    slot.offset = offset
    slot.index = index
    slot.name = name
    slot.path = path
    slot.title = title
    slot.target = target
    slot.country = country
    slot.device = device
    slot.at = at
    slot.goal = goal
    slot.entry = undefined
  }

  return {
    add(offset, events) {
      // Later events of the record would overwrite all events before the last `maxEntries`.
      const first = Math.max(0, events.length - maxEntries)
      for (let position = first; position < events.length; position++) {
        const event = events[position]
        if (event) put(offset, event)
      }
    },
    entries: readEntries,
    write: writer => writer.text(JSON.stringify(readEntries())),
    read(reader) {
      // `write` wrote the text, so its type is known.
      const written = JSON.parse(reader.text()) as readonly FeedEntry[]
      entries = written.slice(0, maxEntries)
      ring.splice(0, ring.length, ...entries.map(toSlot).toReversed())
      added = ring.length
    },
  }
}

const entryTypes: ReadonlyMap<string, FeedEntryType> = new Map([
  [eventNames.pageView, 'pageview'],
  [eventNames.outbound, 'outbound'],
  [eventNames.download, 'download'],
])

/** Returns whether the feed shows events of this name: all but the automatic ones without a type of their own. */
export function isInFeed(name: string): boolean {
  return entryTypes.has(name) || !isAutomatic(name)
}

function toEntry(slot: Slot): FeedEntry {
  const { offset, index, name, path, title, target, country, device, at, goal } = slot
  return {
    id: `${offset}-${index}`,
    ...(goal === undefined ? { type: entryTypes.get(name) ?? 'event' } : { type: 'goal', goal }),
    name,
    ...(path !== undefined && { path }),
    ...(title !== undefined && { title }),
    ...(target !== undefined && { target }),
    ...(country !== undefined && { country }),
    device,
    timestamp: at,
  }
}

function toSlot(entry: FeedEntry): Slot {
  const { id, goal, timestamp, name, path, title, target, country, device = 'other' } = entry
  const [offset = 0, index = 0] = id.split('-').map(Number)
  return {
    offset,
    index,
    name,
    path,
    title,
    target,
    country,
    device,
    at: timestamp,
    goal,
    entry,
  }
}
