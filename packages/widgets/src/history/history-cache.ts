import { shallowReactive } from 'vue'
import type { SiteConfig } from '../config.ts'
import type { MetricsSeries } from '../fetchMetrics/metrics.ts'
import {
  type HistoryEntry,
  type HistoryReader,
  type HistoryView,
  createHistoryEntry,
} from './history-entry.ts'
import { type HistoryQuery, queryKeyOf } from './history-query.ts'
import { type HistoryPage, browserPage } from './page-events.ts'
import type { LoadMetrics } from './request-history.ts'

/** Limits of the entries without readers, which show their last data when a reader returns. */
const maxIdleEntries = 16
const maxIdleRows = 20_000

/** A reader's place at the entry of its query. */
export interface HistorySubscription {
  /** Last results, for a first render without waiting. */
  readonly view: HistoryView
  /** Requests now; resolves when the response has been applied or the request has failed. */
  refresh(): Promise<void>
  close(): void
}

/** Responses of a page, one entry for each query. */
export interface HistoryCache {
  /** Entries in use and recently used ones, by query key. */
  readonly byKey: ReadonlyMap<string, HistoryEntry>
  subscribe(query: HistoryQuery, reader: HistoryReader): HistorySubscription
}

/**
 * Creates a cache, which listens to the page only while it has readers.
 * @param load sends one request
 */
export function createHistoryCache(
  load: LoadMetrics,
  page: HistoryPage = browserPage,
): HistoryCache {
  const byKey = shallowReactive(new Map<string, HistoryEntry>())
  let stopListening: (() => void) | undefined

  function updateListening(): void {
    const entries = [...byKey.values()]
    if (!entries.some(entry => entry.readerCount > 0)) {
      stopListening?.()
      stopListening = undefined
    } else {
      stopListening ??= page.onChange(change => {
        for (const entry of [...byKey.values()]) entry.resume(change === 'online')
      })
    }
  }

  /** Makes an entry the newest idle one, and evicts idle entries beyond the limits. */
  function onIdle(key: string, entry: HistoryEntry): void {
    byKey.delete(key)
    if (entry.view.data) byKey.set(key, entry)
    let entries = 0
    let rows = 0
    for (const [idleKey, { readerCount, view }] of [...byKey].toReversed()) {
      if (readerCount > 0) continue
      entries += 1
      rows += rowCount(view.data)
      if (entries > maxIdleEntries || rows > maxIdleRows) byKey.delete(idleKey)
    }
    updateListening()
  }

  function entryOf(config: SiteConfig, query: HistoryQuery): HistoryEntry {
    const key = queryKeyOf(config, query)
    const existing = byKey.get(key)
    if (existing) return existing
    const entry = createHistoryEntry({ query, load, page, onIdle: () => onIdle(key, entry) })
    byKey.set(key, entry)
    return entry
  }

  return {
    byKey,
    subscribe(query, reader) {
      const entry = entryOf(reader.config, query)
      entry.addReader(reader)
      updateListening()
      return {
        get view() {
          return entry.view
        },
        refresh: () => entry.refresh(),
        close: () => entry.removeReader(reader),
      }
    },
  }
}

/** Number of buckets and rows of a response, which its memory is proportional to. */
function rowCount(data: MetricsSeries | undefined): number {
  const parts: readonly object[] = data ? [data, ...data.buckets] : []
  return parts.reduce((sum: number, part) => {
    return sum + 1 + ('rows' in part && Array.isArray(part.rows) ? part.rows.length : 0)
  }, 0)
}
