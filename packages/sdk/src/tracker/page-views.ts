import { viewDelayMs } from './limits.ts'
import type { Host, Timer } from './host.ts'
import type { Later } from './request.ts'

/** Options of a view that the site reports itself. */
export interface ViewOptions {
  /** URL of the page, absolute or relative. @default the page's URL */
  url?: string
  /** Title of the page. @default the page's title */
  title?: string
  /** URL of the previous page. @default the previous view, or else the page's referrer */
  referrer?: string
}

/** The functions of a detector of page views. */
export type PageViews = [
  /** Returns the URL of the current view. */
  url: () => string | undefined,
  /** Handles a page that was loaded or restored: begins a view if views are automatic. */
  open: () => void,
  /** Handles a possible change of the URL: begins a view if views are automatic and the page is another one. */
  move: (isReplaced: boolean) => void,
  /** Reports the pending view, if there is one. */
  flush: () => void,
  /** Reports a view on behalf of the site. It has no effect if the view has no http or https URL. */
  announce: (options: ViewOptions) => void,
]

/**
 * Creates a detector of page views. It reports a view after a delay, so that the page can set its title, or before the
 * next event.
 * @param isAutomatic whether views are detected; otherwise the site announces each view
 * @param toUrl returns the URL to report, by default that of the page; `undefined` if it is not http or https
 * @param onEnd is called before the current view ends
 * @param report is called once per view
 */
export function createPageViews(
  host: Host,
  later: Later,
  isAutomatic: boolean,
  toUrl: (url?: string) => string | undefined,
  onEnd: () => void,
  report: (referrer: string | undefined, title?: string) => void,
): PageViews {
  const { document } = host
  /** URL of the page at the last check. */
  let location: string | undefined
  /** URL of the current view. */
  let url: string | undefined
  let referrer: string | undefined
  let timer: Timer | undefined

  function begin(nextReferrer?: string): void {
    // A local file and an `about:` page have no address.
    if (!isAutomatic || !location) return
    flush()
    onEnd()
    url = location
    referrer = nextReferrer
    timer = later(flush, viewDelayMs)
  }

  function flush(): void {
    if (!timer) return
    host.clearTimeout(timer)
    timer = undefined
    report(referrer)
  }

  return [
    () => url ?? toUrl(),
    () => {
      // A view that waits since before `optOut` is the same one.
      host.clearTimeout(timer)
      timer = undefined
      location = toUrl()
      begin(document?.referrer)
    },
    isReplaced => {
      const before = location
      // An app that writes its filters to the query while the visitor types replaces its history entry. The page
      // is still the same.
      const toPage = (text?: string): string | undefined =>
        isReplaced ? text?.replace(/\?[^#]*/, '') : text
      location = toUrl()
      // A page that redirects right away was not seen under its first URL.
      if (isReplaced && timer) url = location
      else if (toPage(location) !== toPage(before)) begin(url)
    },
    flush,
    view => {
      flush()
      onEnd()
      referrer = view.referrer ?? url ?? document?.referrer
      url = toUrl(view.url)
      // A local file has no address.
      if (url) report(referrer, view.title)
    },
  ]
}
