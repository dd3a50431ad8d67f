import type { ChannelName, State } from '@tidemark/protocol'
import type { LiveStatus, LiveView, Platform } from './types.ts'

export interface Subscriber {
  readonly channels: readonly ChannelName[]
  readonly listener: (view: LiveView) => void
}

export interface ViewsOptions {
  platform: Pick<Platform, 'now' | 'setTimeout' | 'clearTimeout'>
  subscribers: ReadonlyMap<symbol, Subscriber>
  /** The last known state; `undefined` before there is one. */
  state(): State | undefined
  status(): LiveStatus
  /** When the state will count as stale, in milliseconds since 1970; `undefined` for never. */
  staleAt(): number | undefined
}

/** What subscribers see, and when they are told. */
export interface Views {
  readonly current: LiveView
  /** Something may have changed. */
  update(): void
}

export function createViews(options: ViewsOptions): Views {
  const { platform, subscribers } = options
  let current: LiveView = { state: {}, status: options.status() }
  let isNotifying = false
  let watchedAt: number | undefined
  let timer: unknown

  /** Sees to it that the moment is noticed from which on the state counts as stale. */
  function watchStaleness(): void {
    const at = subscribers.size > 0 ? options.staleAt() : undefined
    if (at === watchedAt) return
    watchedAt = at
    platform.clearTimeout(timer)
    if (at !== undefined) timer = platform.setTimeout(update, at - platform.now())
  }

  function update(): void {
    watchStaleness()
    const state = options.state() ?? current.state
    const status = options.status()
    if (state === current.state && isSame(status, current.status)) return
    current = { state, status }
    if (!isNotifying) queueMicrotask(notify)
    isNotifying = true
  }

  /** Later, so that no listener is called before its `subscribe` has returned, and a burst calls it once. */
  function notify(): void {
    isNotifying = false
    for (const [key, { listener }] of [...subscribers]) {
      if (!subscribers.has(key)) continue
      try {
        listener(current)
      } catch (thrown) {
        // It is the page's to hear of, but not at the cost of the other listeners.
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
