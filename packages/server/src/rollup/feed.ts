import { type FeedEntry, type FeedEntryType, eventNames } from '@tidemark/protocol'
import type { SiteEvent } from './event.ts'

/** The last events, newest first. */
export interface Feed {
  add(id: string, event: SiteEvent): void
  /** The same array until an event comes. */
  entries(): readonly FeedEntry[]
}

export function createFeed(maxEntries: number): Feed {
  let entries: readonly FeedEntry[] = []
  return {
    add(id, event) {
      entries = [toEntry(id, event), ...entries.slice(0, maxEntries - 1)]
    },
    entries: () => entries,
  }
}

const entryTypes: ReadonlyMap<string, FeedEntryType> = new Map([
  [eventNames.pageView, 'pageview'],
  [eventNames.outbound, 'outbound'],
  [eventNames.download, 'download'],
])

function toEntry(id: string, event: SiteEvent): FeedEntry {
  const { name, path, title, country, device, at } = event
  return {
    id,
    type: entryTypes.get(name) ?? 'event',
    name,
    ...(path !== undefined && { path }),
    ...(title !== undefined && { title }),
    ...(country !== undefined && { country }),
    ...(device !== undefined && { device }),
    timestamp: at,
  }
}
