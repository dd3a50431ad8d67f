import type { State } from '@tidemark/protocol'
import type { Subscriber } from './subscriptions.ts'
import type { LivePlatform, LiveStatus, LiveView } from './types.ts'

export interface ViewsOptions {
  platform: Pick<LivePlatform, 'now' | 'setTimeout' | 'clearTimeout'>
  subscribers: ReadonlyMap<symbol, Subscriber>
  /** Returns the last known state; `undefined` before the first one. */
  state(): State | undefined
  status(): LiveStatus
  /** Returns the next time at which the status changes without an event, in milliseconds since 1970. */
  nextChangeAt(): number | undefined
}

/** Current view, and notification of subscribers. */
export interface Views {
  readonly current: LiveView
  /** Recomputes the view and notifies subscribers if it has changed. */
  update(): void
}

export function createViews(options: ViewsOptions): Views {
  const { platform, subscribers } = options
  let current: LiveView = { state: {}, status: options.status() }
  let isNotifying = false
  let timerAt: number | undefined
  let timer: unknown

  /**
   * Keeps a timer that is too early: it schedules the right one when it fires. At a thousand frames a second, a new timer
   * for each would take a fifth of the time.
   */
  function scheduleUpdate(): void {
    const at = subscribers.size > 0 ? options.nextChangeAt() : undefined
    if (at !== undefined && timerAt !== undefined && timerAt <= at) return
    platform.clearTimeout(timer)
    timerAt = at
    if (at !== undefined) timer = platform.setTimeout(onTimer, at - platform.now())
  }

  function onTimer(): void {
    timerAt = undefined
    update()
  }

  function update(): void {
    scheduleUpdate()
    const state = options.state() ?? current.state
    const status = options.status()
    if (state === current.state && isSame(status, current.status)) return
    current = { state, status }
    if (!isNotifying) queueMicrotask(notify)
    isNotifying = true
  }

  /** Runs in a microtask: never before `subscribe` has returned, and once for a burst of changes. */
  function notify(): void {
    isNotifying = false
    for (const [key, { listener }] of [...subscribers]) {
      if (!subscribers.has(key)) continue
      try {
        listener(current)
      } catch (thrown) {
        // Rethrow as an uncaught error, so that the other listeners are still called.
        platform.setTimeout(() => {
          throw thrown
        }, 0)
      }
    }
  }

  return {
    get current() {
      return current
    },
    update,
  }
}

function isSame(a: LiveStatus, b: LiveStatus): boolean {
  return (Object.keys(a) as (keyof LiveStatus)[]).every(name => a[name] === b[name])
}
