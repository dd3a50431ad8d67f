import { maxTimerMs } from './options.ts'
import type { LivePlatform, PageSignals } from './types.ts'

/** Returns the platform of the current runtime, with or without a page. */
export function currentPlatform(): LivePlatform {
  return {
    now: () => Date.now(),
    // Delays add jitter to `pollIntervalMs`, which may itself be the maximum. A longer timer would fire immediately.
    setTimeout: (run, delayMs) => globalThis.setTimeout(run, Math.min(delayMs, maxTimerMs)),
    clearTimeout: timer => globalThis.clearTimeout(timer as number),
    random: () => Math.random(),
    // Read at each call, so that a later replacement of `fetch` is used.
    fetch: (input, init) => globalThis.fetch(input, init),
    WebSocket: globalThis.WebSocket,
    href: globalThis.location?.href,
    page: typeof document === 'undefined' ? undefined : createPageSignals(document, window),
  }
}

/** `pagehide` precedes the back/forward cache, `freeze` the suspension of a background tab (Page Lifecycle). */
const windowEvents = ['online', 'offline', 'pagehide', 'pageshow'] as const
const documentEvents = ['visibilitychange', 'freeze', 'resume'] as const

function createPageSignals(page: Document, view: Window): PageSignals {
  let isFrozen = false
  return {
    isHidden: () => page.visibilityState === 'hidden',
    isOnline: () => view.navigator.onLine,
    isFrozen: () => isFrozen,
    onChange(listener) {
      const onEvent = ({ type }: Event): void => {
        if (type === 'pagehide' || type === 'freeze') isFrozen = true
        // A page that receives events is not frozen, even if `resume` or `pageshow` never came.
        else if (type !== 'offline') isFrozen = false
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
