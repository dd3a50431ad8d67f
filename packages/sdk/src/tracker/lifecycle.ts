import type { PageViews } from './page-views.ts'
import type { Page, PageSignal } from './platform.ts'
import type { Presence } from './presence.ts'
import type { Sender } from './sender.ts'

/**
 * Maps each signal of the page to actions of the tracker.
 * https://developer.chrome.com/docs/web-platform/page-lifecycle-api
 *
 * @returns a handler of signals; a call without a signal starts the tracker if the page is visible
 */
export function createLifecycle(
  page: Page,
  views: PageViews,
  presence: Presence,
  sender: Sender,
): (signal?: PageSignal) => void {
  let isStarted = false

  function begin(): void {
    isStarted = true
    views.open()
    presence.touch()
    presence.resume()
    sender.start()
  }

  const actions: Record<PageSignal, () => unknown> = {
    visible() {
      presence.resume()
      void sender.flush()
    },
    /** Hands over all events, because a phone may stop a hidden page without another signal. */
    hidden() {
      views.flush()
      presence.pause()
      sender.leave()
    },
    left() {
      actions.hidden()
      presence.leave()
    },
    restored() {
      views.open()
      // A browser that did not report `hidden` when the page was left does not report `visible` now.
      actions.visible()
    },
    moved: () => views.move(false),
    replaced: () => views.move(true),
    online: sender.flush,
  }

  return signal => {
    if (isStarted && signal) actions[signal]()
    else if (!isStarted && page.isVisible()) begin()
  }
}
