import type { PageSignals } from '../types.ts'

/** A page whose visibility, network and lifecycle a test controls. */
export interface FakePage extends PageSignals {
  hide(): void
  show(): void
  goOffline(): void
  goOnline(): void
  /** Freezes the page or moves it into the back/forward cache. */
  freeze(): void
  /** Resumes the page. */
  thaw(): void
  /** Notifies listeners without a change, as on return from sleep or from the back/forward cache. */
  signal(): void
  /** Number of attached listeners. */
  readonly listenerCount: number
}

export function createFakePage(): FakePage {
  const listeners = new Set<() => void>()
  let isHidden = false
  let isOnline = true
  let isFrozen = false

  function signal(): void {
    for (const listener of listeners) listener()
  }

  return {
    isHidden: () => isHidden,
    isOnline: () => isOnline,
    isFrozen: () => isFrozen,
    onChange(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    hide() {
      isHidden = true
      signal()
    },
    show() {
      isHidden = false
      signal()
    },
    goOffline() {
      isOnline = false
      signal()
    },
    goOnline() {
      isOnline = true
      signal()
    },
    freeze() {
      isFrozen = true
      signal()
    },
    thaw() {
      isFrozen = false
      signal()
    },
    signal,
    get listenerCount() {
      return listeners.size
    },
  }
}
