import {
  type ActivePage,
  type FeedEntry,
  type WindowMinutes,
  channels,
  limits,
} from '@tidemark/protocol'
import type { LiveSource } from '../live/source.ts'
import { type ScriptedSource, createScriptedPages, createScriptedProperties } from './source.ts'

/**
 * A source with a channel of each kind: a number, a ranked list with a rest row, a bounded feed, and counts that slide
 * with time. A plain model: it stores all history and counts it again at each read.
 */
export interface BusySource extends LiveSource, Pick<ScriptedSource, 'setProperty'> {
  /** Sets the number of visitors on a page; 0 removes it from the list. */
  setPage(page: Pick<ActivePage, 'path' | 'rest'>, visitors: number): void
  /** Records page views now. */
  view(count: number): void
}

export function createBusySource(startedAt: number): BusySource {
  const pages = new Map<string, ActivePage>()
  const views: number[] = []
  let feed: FeedEntry[] = []
  let now = startedAt
  const scripted = createScriptedPages()

  const secondsAgo = (at: number): number => Math.floor(now / 1000) - Math.floor(at / 1000)

  function within(minutes: WindowMinutes): number {
    return views.filter(at => secondsAgo(at) < minutes * 60).length
  }

  return {
    countedPathOf: scripted.countedPathOf,
    visitorsOf: scripted.visitorsOf,
    observePages: scripted.observePages,
    ...createScriptedProperties(),
    setPage({ path, rest }, visitors) {
      if (!rest) scripted.setVisitors(path, visitors)
      const row: ActivePage = { path, visitors, ...(rest && { rest }) }
      const key = channels.activePages.keyOf(row)
      if (visitors === 0) pages.delete(key)
      else pages.set(key, row)
    },
    view(count) {
      for (let each = 0; each < count; each++) views.push(now)
      const entries = Array.from({ length: count }, (_, each): FeedEntry => {
        const id = `${views.length - each}-0`
        return { id, type: 'pageview', name: 'page_view', timestamp: now }
      })
      feed = [...entries, ...feed].slice(0, limits.maxFeedEntries)
    },
    advance(to) {
      now = Math.max(now, to)
    },
    isIdle: () => within(60) === 0,
    channels: ['currentVisitors', 'activePages', 'pageViews', 'recentEvents'],
    read(channel, minutes) {
      const rows = [...pages.values()].toSorted(channels.activePages.compare)
      if (channel === 'activePages') return rows
      if (channel === 'recentEvents') return feed
      if (channel === 'pageViews') return within(minutes)
      return rows.reduce((sum, row) => sum + row.visitors, 0)
    },
  }
}
