import { type Ref, readonly, ref } from 'vue'

/** Page functions that a clock uses; tests replace them. */
export interface ClockPage {
  /** Milliseconds since 1970. */
  now(): number
  setInterval(run: () => void, delayMs: number): unknown
  clearInterval(timer: unknown): void
  isHidden(): boolean
  /** Calls back when the page is hidden or shown, until the returned function is called. */
  onVisibilityChange(run: () => void): () => void
}

/** A shared clock. Its one timer runs only while the clock has users and the page is visible. */
export interface Clock {
  /** Milliseconds since 1970, accurate to a second while the clock is in use. */
  readonly now: Readonly<Ref<number>>
  /** Adds a user; the returned function removes it. */
  use(): () => void
}

const tickMs = 1000

export function createClock(page: ClockPage = browserPage): Clock {
  const now = ref(page.now())
  let userCount = 0
  let timer: unknown
  let stopListening: (() => void) | undefined

  function tick(): void {
    now.value = page.now()
  }

  function runWhileVisible(): void {
    if (timer !== undefined) page.clearInterval(timer)
    timer = undefined
    if (page.isHidden()) return
    tick()
    timer = page.setInterval(tick, tickMs)
  }

  function release(): void {
    userCount -= 1
    if (userCount > 0) return
    if (timer !== undefined) page.clearInterval(timer)
    timer = undefined
    stopListening?.()
  }

  return {
    now: readonly(now),
    use() {
      userCount += 1
      if (userCount === 1) {
        stopListening = page.onVisibilityChange(runWhileVisible)
        runWhileVisible()
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
