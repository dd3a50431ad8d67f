import type { PageSignals } from '../types.ts'

/** A page that is hidden, shown, cut off and put to sleep by a test. */
export interface FakePage extends PageSignals {
  hide(): void
  show(): void
  goOffline(): void
  goOnline(): void
  /** Goes into the back/forward cache, or is frozen. */
  freeze(): void
  /** Is back from there. */
  thaw(): void
  /** Says that something has happened, whatever it was: the return from sleep or the back/forward cache. */
  signal(): void
  /** Listeners that are still attached. */
  readonly listenerCount: number
}

export function createFakePage(): FakePage {
  const listeners = new Set<() => void>()
  let hidden = false
  let online = true
  let away = false

  function signal(): void {
    for (const listener of listeners) listener()
  }

  return {
    isHidden: () => hidden,
    isOnline: () => online,
    isAway: () => away,
    onChange(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    hide() {
      hidden = true
      signal()
    },
    show() {
      hidden = false
      signal()
    },
    goOffline() {
      online = false
      signal()
    },
    goOnline() {
      online = true
      signal()
    },
    freeze() {
      away = true
      signal()
    },
    thaw() {
      away = false
      signal()
    },
    signal,
    get listenerCount() {
      return listeners.size
    },
  }
}
