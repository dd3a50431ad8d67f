import type { FeedEntry, FeedEntryType } from '@tidemark/protocol'
import { readablePath, visibleText } from '../text/readable-text.ts'

export interface EntryText {
  /** Event type, for screen readers; sighted readers see the icon. */
  readonly typeLabel: string
  /** Main text: the path of a page view, the name of the reached goal, or the name of an event. */
  readonly primary: string
  /** Page title of a page view, or the page of an event; empty if unknown or already shown. */
  readonly secondary: string
}

const typeLabels: Readonly<Record<FeedEntryType, string>> = {
  pageview: 'Page view',
  event: 'Event',
  outbound: 'Outbound link',
  download: 'Download',
  goal: 'Goal',
}

/** Returns the texts of a feed entry. A type that only a newer server knows is labeled as an event. */
export function describeEntry(entry: FeedEntry): EntryText {
  const isKnown = Object.hasOwn(typeLabels, entry.type)
  const typeLabel = isKnown ? typeLabels[entry.type] : typeLabels.event
  const path = visibleText(readablePath(entry.path ?? ''))
  const title = visibleText(entry.title ?? '')
  const name = visibleText(entry.goal ?? entry.name) || '(unnamed)'
  if (entry.type === 'pageview') {
    // Path before title: it is shorter, and lists of pages show paths too.
    return { typeLabel, primary: path || title || name, secondary: path ? title : '' }
  }
  // The event name of these types repeats the type.
  const isNamedByType = entry.type === 'outbound' || entry.type === 'download'
  return { typeLabel, primary: isNamedByType ? typeLabel : name, secondary: path || title }
}
