import type { PageSignals, Platform } from './types.ts'

/** The platform that this code runs on: a page, or a runtime without one. */
export function currentPlatform(): Platform {
  return {
    now: () => Date.now(),
    setTimeout: (run, delayMs) => globalThis.setTimeout(run, delayMs),
    clearTimeout: timer => globalThis.clearTimeout(timer as number),
    random: () => Math.random(),
    // Looked up at each call, so that what a page puts in its place later is used.
    fetch: (input, init) => globalThis.fetch(input, init),
    WebSocket: globalThis.WebSocket,
    href: globalThis.location?.href,
    page: typeof document === 'undefined' ? undefined : pageSignals(document, window),
  }
}

/** `pageshow` is the return from the back/forward cache, `resume` from a frozen tab (Page Lifecycle). */
const windowEvents = ['online', 'offline', 'pageshow'] as const
const documentEvents = ['visibilitychange', 'resume'] as const

function pageSignals(page: Document, view: Window): PageSignals {
  return {
    isHidden: () => page.visibilityState === 'hidden',
    isOnline: () => view.navigator.onLine,
    onChange(listener) {
      for (const name of windowEvents) view.addEventListener(name, listener)
      for (const name of documentEvents) page.addEventListener(name, listener)
      return () => {
        for (const name of windowEvents) view.removeEventListener(name, listener)
        for (const name of documentEvents) page.removeEventListener(name, listener)
      }
    },
  }
}
