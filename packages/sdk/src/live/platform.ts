import { maxDelayMs } from './options.ts'
import type { PageSignals, Platform } from './types.ts'

/** The platform that this code runs on: a page, or a runtime without one. */
export function currentPlatform(): Platform {
  return {
    now: () => Date.now(),
    // Of what may be as long as that there can be a little more, and then there would be no wait at all.
    setTimeout: (run, delayMs) => globalThis.setTimeout(run, Math.min(delayMs, maxDelayMs)),
    clearTimeout: timer => globalThis.clearTimeout(timer as number),
    random: () => Math.random(),
    // Looked up at each call, so that what a page puts in its place later is used.
    fetch: (input, init) => globalThis.fetch(input, init),
    WebSocket: globalThis.WebSocket,
    href: globalThis.location?.href,
    page: typeof document === 'undefined' ? undefined : pageSignals(document, window),
  }
}

/** `pagehide` may be the way into the back/forward cache, `freeze` that of a tab to sleep (Page Lifecycle). */
const windowEvents = ['online', 'offline', 'pagehide', 'pageshow'] as const
const documentEvents = ['visibilitychange', 'freeze', 'resume'] as const

function pageSignals(page: Document, view: Window): PageSignals {
  let isAway = false
  return {
    isHidden: () => page.visibilityState === 'hidden',
    isOnline: () => view.navigator.onLine,
    isAway: () => isAway,
    onChange(listener) {
      const onEvent = ({ type }: Event): void => {
        if (type === 'pagehide' || type === 'freeze') isAway = true
        // A page that can be seen is here, whatever was or was not said before.
        else if (type !== 'offline') isAway = false
        listener()
      }
      for (const name of windowEvents) view.addEventListener(name, onEvent)
      for (const name of documentEvents) page.addEventListener(name, onEvent)
      return () => {
        for (const name of windowEvents) view.removeEventListener(name, onEvent)
        for (const name of documentEvents) page.removeEventListener(name, onEvent)
      }
    },
  }
}
