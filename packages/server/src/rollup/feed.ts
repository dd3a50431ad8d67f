import { type FeedEntry, type FeedEntryType, eventNames } from '@tidemark/protocol'
import type { ByteReader, ByteWriter } from './bytes.ts'
import type { SiteEvent } from './event.ts'

/** The last events, newest first. */
export interface Feed {
  /** Takes an event by its log record and its index there. */
  add(offset: number, index: number, event: SiteEvent): void
  /** The same array until an event comes. */
  entries(): readonly FeedEntry[]
  write(writer: ByteWriter): void
  /** Takes in what another has written. */
  read(reader: ByteReader): void
}

interface Kept {
  offset: number
  index: number
  event: SiteEvent
}

export function createFeed(maxEntries: number): Feed {
  // Oldest first. Made into entries when somebody looks, as most are gone by then.
  let kept: (Kept | FeedEntry)[] = []
  let entries: readonly FeedEntry[] | undefined = []

  function newest(): readonly FeedEntry[] {
    entries ??= kept
      .slice(-maxEntries)
      .toReversed()
      .map(each => ('event' in each ? toEntry(each) : each))
    return entries
  }

  return {
    add(offset, index, event) {
      kept.push({ offset, index, event })
      entries = undefined
      if (kept.length >= 2 * maxEntries) kept = kept.slice(-maxEntries)
    },
    entries: newest,
    write: writer => writer.text(JSON.stringify(newest())),
    read(reader) {
      // It was written by `write`, so it is what it says.
      entries = JSON.parse(reader.text()) as readonly FeedEntry[]
      kept = entries.toReversed()
    },
  }
}

const entryTypes: ReadonlyMap<string, FeedEntryType> = new Map([
  [eventNames.pageView, 'pageview'],
  [eventNames.outbound, 'outbound'],
  [eventNames.download, 'download'],
])

function toEntry({ offset, index, event }: Kept): FeedEntry {
  const { name, path, title, country, device, at } = event
  return {
    id: `${offset}-${index}`,
    type: entryTypes.get(name) ?? (event.goals.length > 0 ? 'goal' : 'event'),
    name,
    ...(path !== undefined && { path }),
    ...(title !== undefined && { title }),
    ...(country !== undefined && { country }),
    device,
    timestamp: at,
  }
}
