import { type FeedEntry, type FeedEntryType, eventNames } from '@tidemark/protocol'
import { readablePath, visibleText } from '../text/readable.ts'

export interface EntryText {
  /** What kind of thing happened, for whoever does not see the icon. */
  readonly kind: string
  /** What happened. */
  readonly what: string
  /** Where it happened; empty when that is said already, or not known. */
  readonly where: string
}

const kinds: Readonly<Record<FeedEntryType, string>> = {
  pageview: 'Page view',
  event: 'Event',
  outbound: 'Outbound link',
  download: 'Download',
  goal: 'Goal',
}

/** The words for an entry. A kind that a newer server may send is called an event. */
export function describeEntry(entry: FeedEntry): EntryText {
  const kind = Object.hasOwn(kinds, entry.type) ? kinds[entry.type] : kinds.event
  const path = visibleText(readablePath(entry.path ?? ''))
  const title = visibleText(entry.title ?? '')
  const name = visibleText(entry.name) || '(unnamed)'
  if (entry.type === 'pageview') {
    // The path first: it is short, and it is what the lists beside the feed are called by.
    return { kind, what: path || title || name, where: path ? title : '' }
  }
  return { kind, what: isOwnName(entry) ? kind : name, where: path || title }
}

/** Whether the name of an event says no more than its kind. */
function isOwnName(entry: FeedEntry): boolean {
  return entry.name === eventNames.outbound || entry.name === eventNames.download
}
