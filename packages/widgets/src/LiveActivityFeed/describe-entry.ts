import type { FeedEntry } from '@tidemark/protocol'
import type { feedTexts } from '../messages/en/feed.ts'
import type { Translate } from '../settings/useTexts.ts'
import { readablePath, visibleText } from '../text/readable-text.ts'

export interface EntryText {
  /** Event type, for screen readers; sighted readers see the icon. */
  readonly typeLabel: string
  /**
   * Main text: the path of a page view, the name of the reached goal, the target of a link or download, or the name of
   * an event.
   */
  readonly primary: string
  /** Page title of a page view, or the page of an event; empty if unknown or already shown. */
  readonly secondary: string
}

type Texts = Translate<keyof typeof feedTexts>

/** Returns the texts of a feed entry. */
export function describeEntry(entry: FeedEntry, t: Texts): EntryText {
  const typeLabel = t(entry.type)
  const path = visibleText(readablePath(entry.path ?? ''))
  const title = visibleText(entry.title ?? '')
  const name = visibleText(entry.goal ?? entry.name) || t('unnamed')
  if (entry.type === 'pageview') {
    // Path before title: it is shorter, and lists of pages show paths too.
    return { typeLabel, primary: path || title || name, secondary: path ? title : '' }
  }
  if (entry.type === 'outbound' || entry.type === 'download') {
    // The event name of these types repeats the type.
    const target = visibleText(entry.target ?? '')
    return { typeLabel, primary: target || typeLabel, secondary: path || title }
  }
  return { typeLabel, primary: name, secondary: path || title }
}
