import type { PageViews } from './page-views.ts'
import type { Page, PageSignal } from './platform.ts'
import type { Presence } from './presence.ts'
import type { Sender } from './sender.ts'

/**
 * The one place that says what each signal of the page means.
 * https://developer.chrome.com/docs/web-platform/page-lifecycle-api
 *
 * @returns what takes the signals; a call with none begins, if the page is seen already
 */
export function createLifecycle(
  page: Page,
  views: PageViews,
  presence: Presence,
  sender: Sender,
): (signal?: PageSignal) => void {
  let seen = false

  function begin(): void {
    seen = true
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
    /** Whatever is not handed over now may never be: a phone kills hidden pages without a word. */
    hidden() {
      views.settle()
      presence.pause()
      sender.leave()
    },
    gone() {
      actions.hidden()
      presence.leave()
    },
    restored() {
      views.open()
      // A browser that did not say `hidden` when the page was left does not say `visible` now.
      actions.visible()
    },
    moved: () => views.move(false),
    replaced: () => views.move(true),
    online: sender.flush,
  }

  return signal => {
    if (seen && signal) actions[signal]()
    else if (!seen && page.isVisible()) begin()
  }
}
