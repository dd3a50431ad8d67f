import type { Platform } from './types.ts'

/** A page that has been hidden for this long gives up its connection, and polls slowly. */
const maxHiddenMs = 5 * 60_000

/**
 * What has become of a page: it is `gone`, offline or on its way into the back/forward cache, and may ask for
 * nothing; `asleep`, as nobody has looked for a while; `back` from either; or something has `changed`.
 */
export type PageChange = 'gone' | 'asleep' | 'back' | 'changed'

/** What a page says about itself; where there is none, a runtime that is always seen and always online. */
export interface PageWatch {
  isHidden(): boolean
  isOffline(): boolean
  isGone(): boolean
  /** Nobody has looked for a while. */
  isAsleep(): boolean
  start(onChange: (change: PageChange) => void): void
  stop(): void
}

export function createPageWatch({
  page,
  setTimeout,
  clearTimeout,
}: Pick<Platform, 'page' | 'setTimeout' | 'clearTimeout'>): PageWatch {
  let endSignals = (): void => {}
  let hiddenTimer: unknown
  let isAsleep = false
  let wasGone = false

  const isHidden = (): boolean => page?.isHidden() ?? false
  const isOffline = (): boolean => (page ? !page.isOnline() : false)
  const isGone = (): boolean => isOffline() || (page?.isAway() ?? false)

  function awake(): void {
    clearTimeout(hiddenTimer)
    hiddenTimer = undefined
    isAsleep = false
  }

  return {
    isHidden,
    isOffline,
    isGone,
    isAsleep: () => isAsleep,
    start(onChange) {
      if (!page) return
      function watchSleep(): void {
        if (!isHidden()) awake()
        else {
          hiddenTimer ??= setTimeout(() => {
            isAsleep = true
            onChange(isGone() ? 'gone' : 'asleep')
          }, maxHiddenMs)
        }
      }
      wasGone = isGone()
      watchSleep()
      endSignals = page.onChange(() => {
        const isBack = wasGone || (isAsleep && !isHidden())
        watchSleep()
        wasGone = isGone()
        onChange(wasGone ? 'gone' : isBack ? 'back' : 'changed')
      })
    },
    stop() {
      endSignals()
      endSignals = () => {}
      awake()
    },
  }
}
