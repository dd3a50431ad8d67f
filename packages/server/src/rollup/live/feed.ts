import { type FeedEntry, type FeedEntryType, eventNames } from '@tidemark/protocol'
import type { ByteReader, ByteWriter } from '../../shared/bytes.ts'
import type { EventSender, SiteEvent } from '../event.ts'

/** The last events, newest first. */
export interface Feed {
  /** Takes events of a log record. */
  add(offset: number, events: readonly SiteEvent[]): void
  /** The same array until an event comes. */
  entries(): readonly FeedEntry[]
  write(writer: ByteWriter): void
  /** Takes in what another has written. */
  read(reader: ByteReader): void
}

type Shown = Pick<SiteEvent, 'name' | 'path' | 'title' | 'at'> &
  Pick<EventSender, 'country' | 'device'>

/** What is kept of an event. */
interface Kept extends Shown {
  offset: number
  index: number
  isGoal: boolean
  /** As it is shown, from when somebody looks: readers are told of rows that are not the same object as before. */
  entry: FeedEntry | undefined
}

export function createFeed(maxEntries: number): Feed {
  // Each is used again for a later event. What is made anew for every event, and stays for just so long that it
  // has to be moved to the old generation of the heap, was half of all that was moved there.
  const ring: Kept[] = []
  let added = 0
  /** Made when somebody looks, as most are gone by then. */
  let entries: readonly FeedEntry[] | undefined = []

  function newest(): readonly FeedEntry[] {
    if (entries) return entries
    const next = added % maxEntries
    entries = [...ring.slice(next), ...ring.slice(0, next)]
      .map(kept => (kept.entry ??= toEntry(kept)))
      .toReversed()
    return entries
  }

  function put(offset: number, { index, sender, name, path, title, at, goals }: SiteEvent): void {
    const place = added++ % maxEntries
    const { country, device } = sender
    const isGoal = goals.length > 0
    entries = undefined
    const kept = ring[place]
    if (!kept) {
      const entry = undefined
      ring.push({ offset, index, name, path, title, country, device, at, isGoal, entry })
      return
    }
    kept.offset = offset
    kept.index = index
    kept.name = name
    kept.path = path
    kept.title = title
    kept.country = country
    kept.device = device
    kept.at = at
    kept.isGoal = isGoal
    kept.entry = undefined
  }

  return {
    add(offset, events) {
      // Those before the last ones would be gone again at once.
      for (let at = Math.max(0, events.length - maxEntries); at < events.length; at++) {
        const event = events[at]
        if (event) put(offset, event)
      }
    },
    entries: newest,
    write: writer => writer.text(JSON.stringify(newest())),
    read(reader) {
      // It was written by `write`, so it is what it says.
      const written = JSON.parse(reader.text()) as readonly FeedEntry[]
      entries = written.slice(0, maxEntries)
      ring.splice(0, ring.length, ...entries.map(toKept).toReversed())
      added = ring.length
    },
  }
}

const entryTypes: ReadonlyMap<string, FeedEntryType> = new Map([
  [eventNames.pageView, 'pageview'],
  [eventNames.outbound, 'outbound'],
  [eventNames.download, 'download'],
])

function toEntry(kept: Kept): FeedEntry {
  const { offset, index, name, path, title, country, device, at, isGoal } = kept
  return {
    id: `${offset}-${index}`,
    type: entryTypes.get(name) ?? (isGoal ? 'goal' : 'event'),
    name,
    ...(path !== undefined && { path }),
    ...(title !== undefined && { title }),
    ...(country !== undefined && { country }),
    device,
    timestamp: at,
  }
}

function toKept(entry: FeedEntry): Kept {
  const { id, type, timestamp, ...said } = entry
  const [offset = 0, index = 0] = id.split('-').map(Number)
  const { name, path, title, country, device = 'other' } = said
  return {
    offset,
    index,
    name,
    path,
    title,
    country,
    device,
    at: timestamp,
    isGoal: type === 'goal',
    entry,
  }
}
