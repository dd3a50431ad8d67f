import type { FeedEntry, FeedEntryType } from '@tidemark/protocol'
import { hasEqualFields } from '../rows/reuse-equal.ts'
import { isTime } from '../time/format-age.ts'

/** Types of activity, in the order of filters. */
export const entryTypes: readonly FeedEntryType[] = [
  'pageview',
  'event',
  'outbound',
  'download',
  'goal',
]

/**
 * Converts values of a host or server to entries with unique ids. Anything but an object is skipped, a repeated id too.
 * An unknown type becomes `event`, a missing text becomes empty, a missing time becomes `NaN`.
 */
export function toEntries(values: unknown): FeedEntry[] {
  const entries = new Map<string, FeedEntry>()
  for (const value of Array.isArray(values) ? values : []) {
    const entry = toEntry(value)
    if (!entry) continue
    const id = entry.id || unusedId(entry, entries)
    if (!entries.has(id)) entries.set(id, id === entry.id ? entry : { ...entry, id })
  }
  return [...entries.values()]
}

function unusedId({ name, path, timestamp }: FeedEntry, used: ReadonlyMap<string, unknown>) {
  const base = JSON.stringify([timestamp, name, path])
  let count = 0
  while (used.has(`${base}${count}`)) count += 1
  return `${base}${count}`
}

function toEntry(value: unknown): FeedEntry | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const { id, type, name, timestamp, ...others }: Partial<Record<string, unknown>> = { ...value }
  const texts = ['goal', 'path', 'title', 'country', 'device'] as const
  for (const key of texts) if (typeof others[key] !== 'string') delete others[key]
  const entry = {
    ...others,
    id: typeof id === 'string' || typeof id === 'number' ? String(id) : '',
    type: entryTypes.find(known => known === type) ?? 'event',
    name: typeof name === 'string' ? name : '',
    timestamp: typeof timestamp === 'number' ? timestamp : Number.NaN,
  }
  // A valid entry stays the host's object.
  return hasEqualFields(entry, value) ? value : entry
}

/** Orders entries by their time, newest first. Entries with an invalid time are last. */
export function compareEntries(a: FeedEntry, b: FeedEntry): number {
  return sortTime(b) - sortTime(a)
}

function sortTime({ timestamp }: FeedEntry): number {
  return isTime(timestamp) ? timestamp : -Number.MAX_VALUE
}
