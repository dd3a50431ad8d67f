/** Page functions that the cache uses; tests replace them. */
export interface HistoryPage {
  /** Milliseconds since 1970. */
  now(): number
  /** In [0, 1). */
  random(): number
  setTimeout(run: () => void, delayMs: number): unknown
  clearTimeout(timer: unknown): void
  isHidden(): boolean
  /**
   * Calls back when the page is shown or hidden (`'visibility'`) and when the network is back (`'online'`), until the
   * returned function is called.
   */
  onChange(listener: (change: 'visibility' | 'online') => void): () => void
}

/** The functions of the current page. Each is looked up at its call, so importing this needs no page. */
export const browserPage: HistoryPage = {
  now: () => Date.now(),
  random: () => Math.random(),
  setTimeout: (run, delayMs) => globalThis.setTimeout(run, delayMs),
  clearTimeout: timer => globalThis.clearTimeout(timer as number),
  isHidden: () => document.hidden,
  onChange(listener) {
    const onVisibility = (): void => listener('visibility')
    const onOnline = (): void => listener('online')
    document.addEventListener('visibilitychange', onVisibility)
    window.addEventListener('online', onOnline)
    return () => {
      document.removeEventListener('visibilitychange', onVisibility)
      window.removeEventListener('online', onOnline)
    }
  },
}
