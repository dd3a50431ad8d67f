/**
 * What the tracker needs of the world around it. A browser gives all of it (see `browser.ts`); a test
 * or another runtime hands in its own.
 */
export interface TrackerPlatform {
  /** Milliseconds since 1970. May jump: nothing but timestamps and ages is made of it. */
  now(): number
  /** In [0, 1). */
  random(): number
  /** 128 random bits as text. */
  newId(): string
  /** Runs something once after a time, in milliseconds, unless the returned function is called first. */
  after(delayMs: number, run: () => void): () => void
  fetch(url: string, init: RequestInit): Promise<Response>
  /** Whether `fetch` honors `keepalive`, so that a request outlives its page. */
  keepalive: boolean
  /** Whether the browser took the request; what became of it is never known. */
  sendBeacon(url: string, body: string): boolean
  /** What `debug` says. */
  log(message: string): void
  /** Absent outside a page (a worker, a server): nothing is then observed, only what is called is sent. */
  page: Page | undefined
}

/** The page that the tracker is on. */
export interface Page {
  url(): string
  /** Address of the page that led here; empty when there was none. */
  referrer(): string
  title(): string
  /** Whether somebody can see it: neither in a background tab nor being prerendered. */
  isVisible(): boolean
  /** Whether the visitor's browser asks for no tracking. */
  asksNotToTrack(): boolean
  /** Whether a program drives the browser, as in a test (WebDriver, section 7). */
  readonly automated: boolean
  /** Calls back for every signal until the returned function is called. */
  watch(listener: (signal: PageSignal) => void): () => void
}

/**
 * What can happen to a page:
 *
 * - `visible`, `hidden`: it came into view or went out of it, perhaps for the last time;
 * - `gone`: it was left, for good or for the back/forward cache;
 * - `restored`: it came back from the back/forward cache;
 * - `moved`: its address may have changed, by a new history entry or by going to an old one;
 * - `replaced`: its address may have changed without a new history entry;
 * - `online`: the network is said to be back.
 */
export type PageSignal =
  'visible' | 'hidden' | 'gone' | 'restored' | 'moved' | 'replaced' | 'online'
