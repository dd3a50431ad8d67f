/**
 * The globals that the tracker uses: those of a page, or of a runtime without pages, such as a worker or a server.
 * Tests pass their own.
 */
export interface Host extends Pick<
  typeof globalThis,
  'Date' | 'Math' | 'clearTimeout' | 'fetch' | 'performance'
> {
  /** `timeout` is missing before Safari 16 and Chrome 103. */
  AbortSignal: { timeout?(delayMs: number): AbortSignal }
  setTimeout(run: () => void, delayMs: number): ReturnType<typeof setTimeout>
  navigator?: HostNavigator
  /** Throws when the storage is blocked. Some runtimes have none. */
  readonly localStorage: Storage
  document?: Document
  location?: Location
  history?: History
  /** A page may have another variable of that name. */
  navigation?: (EventTarget & { readonly currentEntry?: unknown }) | null | undefined
  screen?: Pick<Screen, 'width' | 'height'>
  innerWidth?: number
  self?: unknown
  top?: unknown
  /** The page's window, as a target of events. */
  window?: EventTarget
}

/** TypeScript does not define Global Privacy Control (W3C) yet, and some runtimes have a part of these fields. */
export interface HostNavigator extends Partial<
  Pick<Navigator, 'doNotTrack' | 'language' | 'maxTouchPoints' | 'webdriver'>
> {
  readonly globalPrivacyControl?: boolean
  sendBeacon?(url: string, body: string): boolean
}

export type Timer = ReturnType<Host['setTimeout']>
