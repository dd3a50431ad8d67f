import { type Pinia, createPinia, defineStore } from 'pinia'
import { computed, markRaw } from 'vue'
import { fetchMetrics } from '../fetchMetrics/fetchMetrics.ts'
import { withoutActivating } from '../store/useTidemarkStore.ts'
import { createHistoryCache } from './history-cache.ts'

// Pure: an app that imports one function from the package does not bundle the store.
const useStore = /*#__PURE__*/ defineStore('tidemark-history', () => {
  const cache = markRaw(
    createHistoryCache((config, query, signal) => fetchMetrics(config, { ...query, signal })),
  )

  /** Key, readers and state of each query. */
  const queries = computed(() =>
    [...cache.byKey].map(([key, { readerCount, view }]) => ({
      key,
      readers: readerCount,
      fetchedAt: view.fetchedAt,
      error: view.error?.code,
    })),
  )

  return { cache, queries }
})

type HistoryStore = ReturnType<typeof useStore>

let fallbackStore: HistoryStore | undefined

/** Returns the store of the shared queries of a Pinia. Apps without a Pinia share one internal Pinia. */
export function historyStoreOf(pinia: Pinia | undefined): HistoryStore {
  if (pinia) return useStore(pinia)
  fallbackStore ??= withoutActivating(() => useStore(createPinia()))
  return fallbackStore
}
