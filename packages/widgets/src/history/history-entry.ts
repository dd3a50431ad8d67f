import { shallowRef } from 'vue'
import type { SiteConfig } from '../config.ts'
import type { MetricsSeries } from '../fetchMetrics/metrics.ts'
import type { TidemarkError } from '../request/tidemark-error.ts'
import { createElapsedComparison } from './elapsed-comparison.ts'
import { type HistoryQuery, refreshIntervalsMs } from './history-query.ts'
import type { HistoryPage } from './page-events.ts'
import { type HistoryResult, type LoadMetrics, requestHistory } from './request-history.ts'
import { toRetryDelayMs } from './retry-delay.ts'

/** Age of a past range at which a returning reader requests it again: late events can change it. */
const maxAgeMs = 60_000

/** Result of the last requests. */
export interface HistoryView {
  readonly data: MetricsSeries | undefined
  /** Error of the last request; `undefined` after a success. */
  readonly error: TidemarkError | undefined
  /** Time of the last response, in milliseconds since 1970. */
  readonly fetchedAt: number | undefined
}

export interface HistoryReader {
  readonly config: SiteConfig
  /** A paused reader gets its first data, and causes no refresh. */
  readonly paused: boolean
  /** Called after every request. */
  onView(view: HistoryView): void
}

/** One query, shared by its readers: its last response, and the timer of the next request. */
export interface HistoryEntry {
  readonly view: HistoryView
  readonly readerCount: number
  addReader(reader: HistoryReader): void
  removeReader(reader: HistoryReader): void
  /** Requests now, unless a request is in flight; resolves when it has ended. */
  refresh(): Promise<void>
  /** Requests what is due; for a page that is shown again or back online. */
  resume(isOnline: boolean): void
}

export interface HistoryEntryOptions {
  query: HistoryQuery
  load: LoadMetrics
  page: HistoryPage
  /** Called after the last reader has left. */
  onIdle(): void
}

export function createHistoryEntry(options: HistoryEntryOptions): HistoryEntry {
  const { query, load, page } = options
  const readers = new Set<HistoryReader>()
  const readerCount = shallowRef(0)
  const view = shallowRef<HistoryView>({ data: undefined, error: undefined, fetchedAt: undefined })
  const compareElapsed = createElapsedComparison(query)
  let inFlight: { controller: AbortController; done: Promise<void> } | undefined
  let timer: unknown
  let failures = 0
  /** Time of the next request, and the delay that led to it; `undefined` if no request is planned. */
  let due: { at: number; delayMs: number } | undefined = { at: 0, delayMs: 0 }

  function plan(delayMs: number | undefined): void {
    due = delayMs === undefined ? undefined : { at: page.now() + delayMs, delayMs }
  }

  function stopTimer(): void {
    if (timer !== undefined) page.clearTimeout(timer)
    timer = undefined
  }

  function onTimer(): void {
    timer = undefined
    plan(0)
    update()
  }

  /** Sends the planned request if it is due, or sets the timer for it. */
  function update(): void {
    stopTimer()
    const isFirst = view.value.data === undefined && view.value.error === undefined
    const isWanted = [...readers].some(reader => !reader.paused || view.value.data === undefined)
    if (!due || inFlight || !isWanted || (page.isHidden() && !isFirst)) return
    // The clock may have been set back, so the delay is at most the planned one.
    const delayMs = Math.min(due.at - page.now(), due.delayMs)
    if (delayMs > 0) timer = page.setTimeout(onTimer, delayMs)
    else send()
  }

  /** Sends a request with the configuration of the newest reader: its token function is in use. */
  function send(): void {
    const config = [...readers].at(-1)?.config
    if (!config || inFlight) return
    stopTimer()
    const controller = new AbortController()
    const request = { load, page, compareElapsed, controller }
    const done = requestHistory(config, query, request).then(result => {
      if (inFlight?.controller !== controller) return
      inFlight = undefined
      applyResult(result, config)
      update()
    })
    inFlight = { controller, done }
  }

  function applyResult(result: HistoryResult, { token }: SiteConfig): void {
    if ('data' in result) {
      failures = 0
      plan(result.intervalMs)
      const data = isEqual(view.value.data, result.data) ? view.value.data : result.data
      view.value = { data, error: undefined, fetchedAt: page.now() }
    } else {
      failures += 1
      const { error, intervalMs = refreshIntervalsMs.hour } = result
      plan(toRetryDelayMs(error, token, { failures, intervalMs, random: page.random() }))
      view.value = { ...view.value, error }
    }
    for (const reader of readers) reader.onView(view.value)
  }

  function stopIfIdle(): void {
    if (readers.size > 0) return
    stopTimer()
    const { controller } = inFlight ?? {}
    inFlight = undefined
    controller?.abort()
    options.onIdle()
  }

  return {
    get view() {
      return view.value
    },
    get readerCount() {
      return readerCount.value
    },
    addReader(reader) {
      readers.add(reader)
      readerCount.value = readers.size
      const isOld = page.now() >= (view.value.fetchedAt ?? 0) + maxAgeMs
      if (!due && !inFlight && (view.value.error !== undefined || isOld)) plan(0)
      update()
    },
    removeReader(reader) {
      if (!readers.delete(reader)) return
      readerCount.value = readers.size
      // In a microtask: replacing one reader by another does not abort their request.
      if (readers.size === 0) queueMicrotask(stopIfIdle)
      else update()
    },
    async refresh() {
      send()
      await inFlight?.done
    },
    resume(isOnline) {
      if (isOnline && view.value.error?.code === 'network') plan(0)
      update()
    },
  }
}

/** Both values are parsed JSON of one server, so equal values have equal texts. */
function isEqual(previous: MetricsSeries | undefined, next: MetricsSeries): boolean {
  return previous !== undefined && JSON.stringify(previous) === JSON.stringify(next)
}
