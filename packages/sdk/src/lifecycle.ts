import type { PageViews } from './page-views.ts'
import type { Page, PageSignal } from './platform.ts'
import type { Presence } from './presence.ts'
import type { Sender } from './sender.ts'

export interface LifecycleParts {
  page: Page
  /** Whether views are counted without being announced. */
  pageViews: boolean
  views: PageViews
  presence: Presence
  sender: Sender
  /** Says that the visitor has left the page. */
  sayLeft(): void
}

/**
 * The one place that says what each signal of the page means.
 * https://developer.chrome.com/docs/web-platform/page-lifecycle-api
 *
 * @returns what takes the signals; call it with none to begin
 */
export function createLifecycle(parts: LifecycleParts): (signal?: PageSignal) => void {
  const { page, pageViews, views, presence, sender } = parts
  let seen = false

  function begin(): void {
    seen = true
    if (pageViews) views.open()
    presence.touch()
    presence.resume()
    sender.start()
  }

  /** Whatever is not handed over now may never be: a phone kills hidden pages without a word. */
  function handOver(): void {
    views.settle()
    presence.pause()
    sender.leave()
  }

  const actions: Record<PageSignal, () => void> = {
    visible() {
      presence.resume()
      sender.wake()
    },
    hidden: handOver,
    gone() {
      handOver()
      parts.sayLeft()
    },
    restored() {
      if (pageViews) views.open()
      presence.resume()
      sender.wake()
    },
    moved() {
      if (pageViews) views.move(false)
    },
    replaced() {
      if (pageViews) views.move(true)
    },
    online: sender.wake,
  }

  return signal => {
    if (seen && signal) actions[signal]()
    else if (!seen && page.isVisible()) begin()
  }
}
