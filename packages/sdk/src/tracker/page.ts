import type { Listen } from './capture-context.ts'
import type { Host } from './host.ts'

/** Reactions to changes of the page. */
export interface PageReactions {
  /** The page became visible. */
  show(): void
  /** The page became hidden, possibly for the last time. */
  hide(): void
  /** The visitor left the page, or it entered the back/forward cache. */
  leave(): void
  /** The page returned from the back/forward cache. */
  restore(): void
  /** The URL may have changed, without a new history entry or by one. */
  move(isReplaced: boolean): void
  /** The network is available again. */
  retry(): void
}

/**
 * Returns whether the page is visible. A prerendered page is hidden and becomes visible by `visibilitychange`. A page
 * in an iframe with `display: none` says that it is visible, but has no size.
 */
export function isVisible(host: Host): boolean {
  const { document, self, top } = host
  // `innerWidth` forces a layout, so only frames read it.
  return (
    !document || (document.visibilityState === 'visible' && (self === top || !!host.innerWidth))
  )
}

/** The event properties that are read here. */
interface PageEvent extends Event {
  /** In `pageshow`: whether the page comes from the back/forward cache. */
  persisted?: boolean
  /** In `currententrychange`. */
  navigationType?: NavigationType | null
}

/** Watches the page. https://developer.chrome.com/docs/web-platform/page-lifecycle-api */
export function watchPage(host: Host, listen: Listen, on: PageReactions): void {
  const { document, window, history, navigation, EventTarget } = host
  if (!document || !window || !history) return
  listen(document, 'visibilitychange', () => (isVisible(host) ? on.show() : on.hide()))
  // A frozen page may be discarded without another event.
  listen(document, 'freeze', on.hide)
  // Safari does not always fire `visibilitychange` when a page is left, so `pagehide` is needed as well.
  // https://bugs.webkit.org/show_bug.cgi?id=151610
  // `unload` and `beforeunload` would keep the page out of the back/forward cache.
  // https://web.dev/articles/bfcache#never-use-the-unload-event
  listen(window, 'pagehide', on.leave)
  listen(window, 'pageshow', (event: PageEvent) => event.persisted && on.restore())
  listen(window, 'online', on.retry)
  // An iframe that gets a size becomes visible without another event.
  if (!isVisible(host)) listen(window, 'resize', on.show)

  // The Navigation API reports every change of the URL. It does not exist before Firefox 147 and Safari 26.2, has no
  // current entry in an opaque origin, and a page may have its own variable of that name.
  if (
    EventTarget &&
    navigation instanceof EventTarget &&
    'currentEntry' in navigation &&
    navigation.currentEntry
  ) {
    listen(navigation, 'currententrychange', (event: PageEvent) =>
      on.move(event.navigationType === 'replace'),
    )
  } else {
    listen(window, 'popstate', () => on.move(false))
    patchHistory(history, 'pushState', () => on.move(false))
    patchHistory(history, 'replaceState', () => on.move(true))
  }
}

/**
 * Calls a function after each call of a history method, for which there is no event. The patch stays in place
 * after `stop`, because a later patch may refer to it; it then has no effect.
 */
function patchHistory(
  history: History,
  method: 'pushState' | 'replaceState',
  after: () => void,
): void {
  const original = history[method]
  history[method] = function (this: History, ...args) {
    original.apply(this, args)
    after()
  }
}
