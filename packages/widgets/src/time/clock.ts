import { type Ref, readonly, ref } from 'vue'

/** The part of the page that a clock touches; a test hands in its own. */
export interface ClockPage {
  /** Milliseconds since 1970. */
  now(): number
  setInterval(run: () => void, delayMs: number): unknown
  clearInterval(timer: unknown): void
  isHidden(): boolean
  /** Calls back when the page was hidden or shown, until the returned function is called. */
  onVisibilityChange(run: () => void): () => void
}

/** A clock that everyone on a page shares: one timer, only while someone looks and the page is shown. */
export interface Clock {
  /** Milliseconds since 1970, right to a second while the clock is in use. */
  readonly now: Readonly<Ref<number>>
  /** Keeps the clock going until the returned function is called. */
  use(): () => void
}

const tickMs = 1000

export function createClock(page: ClockPage = browserPage): Clock {
  const now = ref(page.now())
  let users = 0
  let timer: unknown
  let stopListening: (() => void) | undefined

  function tick(): void {
    now.value = page.now()
  }

  function runWhileShown(): void {
    if (timer !== undefined) page.clearInterval(timer)
    timer = undefined
    if (page.isHidden()) return
    tick()
    timer = page.setInterval(tick, tickMs)
  }

  function release(): void {
    users -= 1
    if (users > 0) return
    if (timer !== undefined) page.clearInterval(timer)
    timer = undefined
    stopListening?.()
  }

  return {
    now: readonly(now),
    use() {
      users += 1
      if (users === 1) {
        stopListening = page.onVisibilityChange(runWhileShown)
        runWhileShown()
      }
      let isReleased = false
      return () => {
        if (!isReleased) release()
        isReleased = true
      }
    },
  }
}

const browserPage: ClockPage = {
  now: () => Date.now(),
  setInterval: (run, delayMs) => globalThis.setInterval(run, delayMs),
  clearInterval: timer => globalThis.clearInterval(timer as number),
  isHidden: () => document.hidden,
  onVisibilityChange(run) {
    document.addEventListener('visibilitychange', run)
    return () => document.removeEventListener('visibilitychange', run)
  },
}
