import type { LivePlatform } from './types.ts'

/** Time after which a hidden page closes its connection and only polls. */
const maxHiddenMs = 5 * 60_000

/**
 * Change of a page's state:
 * - `suspended`: offline, frozen or entering the back/forward cache; no requests are allowed
 * - `longHidden`: hidden for five minutes
 * - `resumed`: no longer suspended or long hidden
 * - `changed`: any other change
 */
export type PageChange = 'suspended' | 'longHidden' | 'resumed' | 'changed'

/** Watches visibility, network and lifecycle. Without a page, the client always counts as visible and online. */
export interface PageWatch {
  isHidden(): boolean
  isOffline(): boolean
  /** Returns whether the page is offline, frozen or entering the back/forward cache. */
  isSuspended(): boolean
  /** Returns whether the page has been hidden for five minutes. */
  isLongHidden(): boolean
  start(onChange: (change: PageChange) => void): void
  stop(): void
}

export function createPageWatch({
  page,
  setTimeout,
  clearTimeout,
}: Pick<LivePlatform, 'page' | 'setTimeout' | 'clearTimeout'>): PageWatch {
  let removeListener = (): void => {}
  let hiddenTimer: unknown
  let isLongHidden = false
  let wasSuspended = false

  const isHidden = (): boolean => page?.isHidden() ?? false
  const isOffline = (): boolean => (page ? !page.isOnline() : false)
  const isSuspended = (): boolean => isOffline() || (page?.isFrozen() ?? false)

  function resetHiddenTimer(): void {
    clearTimeout(hiddenTimer)
    hiddenTimer = undefined
    isLongHidden = false
  }

  return {
    isHidden,
    isOffline,
    isSuspended,
    isLongHidden: () => isLongHidden,
    start(onChange) {
      if (!page) return
      function updateHiddenTimer(): void {
        if (!isHidden()) resetHiddenTimer()
        else {
          hiddenTimer ??= setTimeout(() => {
            isLongHidden = true
            onChange(isSuspended() ? 'suspended' : 'longHidden')
          }, maxHiddenMs)
        }
      }
      wasSuspended = isSuspended()
      updateHiddenTimer()
      removeListener = page.onChange(() => {
        const isResumed = wasSuspended || (isLongHidden && !isHidden())
        updateHiddenTimer()
        wasSuspended = isSuspended()
        onChange(wasSuspended ? 'suspended' : isResumed ? 'resumed' : 'changed')
      })
    },
    stop() {
      removeListener()
      removeListener = () => {}
      resetHiddenTimer()
    },
  }
}
