/** The environment of the tracker. `browser.ts` implements it for browsers; tests and other runtimes pass their own. */
export interface TrackerPlatform {
  /** Milliseconds since 1970. It may jump, and is used for timestamps and ages only. */
  now(): number
  /** A random number in [0, 1). */
  random(): number
  /** A random id of 128 bits, as text. */
  newId(): string
  /** Calls `run` once after a delay in milliseconds. The returned function cancels the call. */
  after(delayMs: number, run: () => void): () => void
  fetch(url: string, init: RequestInit): Promise<Response>
  /** Whether `fetch` supports `keepalive`, so that a request outlives its page. */
  keepalive: boolean
  /** Sends a beacon. Returns whether the browser accepted it; the outcome of the request stays unknown. */
  sendBeacon(url: string, body: string): boolean
  /** Writes a message of the option `debug`. */
  log(message: string): void
  /** `undefined` outside a page, as in a worker or on a server. The tracker then sends explicit calls only. */
  page: Page | undefined
}

/** The tracked page. */
export interface Page {
  url(): string
  /** URL of the referring page; empty if there is none. */
  referrer(): string
  title(): string
  /** Whether the page is visible: not in a background tab and not prerendered. */
  isVisible(): boolean
  /** Whether the browser sends Do Not Track or Global Privacy Control. */
  hasOptOutSignal(): boolean
  /** Whether a program controls the browser, as in a test (WebDriver, section 7). */
  readonly automated: boolean
  /** Calls the listener for each signal until the returned function is called. */
  watch(listener: (signal: PageSignal) => void): () => void
}

/**
 * A change of the page:
 *
 * - `visible`, `hidden`: the page became visible or hidden, possibly for the last time;
 * - `left`: the visitor left the page, or it entered the back/forward cache;
 * - `restored`: the page returned from the back/forward cache;
 * - `moved`: the URL may have changed, by a new history entry or by navigation to an old one;
 * - `replaced`: the URL may have changed without a new history entry;
 * - `online`: the browser reports that the network is available again.
 */
export type PageSignal =
  'visible' | 'hidden' | 'left' | 'restored' | 'moved' | 'replaced' | 'online'
