import type { Listen } from './capture-context.ts'
import type { Host } from './host.ts'

/**
 * Returns whether the page is visible. A prerendered page is hidden and becomes visible by `visibilitychange`. A page
 * in an iframe with `display: none` says that it is visible, but has no size.
 */
export function isVisible(host: Host): boolean {
  const { document } = host
  return (
    !document ||
    // `innerWidth` forces a layout, so only frames read it.
    (!document.hidden && (host.self === host.top || !!host.innerWidth))
  )
}

/** The properties of events that are read here. */
export interface PageEvent extends Event {
  /** In `pageshow`: whether the page returns from the back/forward cache. */
  persisted?: boolean
  /** In `currententrychange`. */
  navigationType?: NavigationType | null
}

/**
 * Watches the URL of the page.
 * @param onMove is called when the URL may have changed, without a new history entry or by one
 */
export function watchUrl(
  { window, history, navigation }: Host,
  listen: Listen,
  onMove: (isReplaced: boolean) => void,
): void {
  // The Navigation API reports every change of the URL. It does not exist before Firefox 147 and Safari 26.2, has no
  // current entry in an opaque origin, and a page may have its own variable of that name. An entry is a target of
  // events, too.
  if (navigation?.currentEntry instanceof EventTarget) {
    listen(navigation, 'currententrychange', (event: PageEvent) =>
      onMove(event.navigationType === 'replace'),
    )
  } else if (window && history) {
    listen(window, 'popstate', () => onMove(false))
    for (const method of ['pushState', 'replaceState'] as const) {
      // There is no event for a call. The patch stays in place after `stop`, because a later patch may refer to it; it
      // then has no effect.
      const original = history[method]
      history[method] = function (this: History, ...args) {
        original.apply(this, args)
        onMove(method === 'replaceState')
      }
    }
  }
}
