import { viewDelayMs } from './limits.ts'
import type { Timer } from './host.ts'
import type { Poster } from './request.ts'

/** One view of one page. */
export interface View {
  /** `undefined` if the page has no http or https URL. */
  url: string | undefined
  /** URL of the previous page; empty if there is none. */
  referrer: string
  title: string | undefined
}

/** Options of a view that the site reports itself. */
export interface ViewOptions {
  /** URL of the page, absolute or relative. @default the page's URL */
  url?: string
  /** Title of the page. @default the page's title */
  title?: string
  /** URL of the previous page. @default the previous view, or else the page's referrer */
  referrer?: string
}

/** Detects and reports page views. */
export interface PageViews {
  /** Returns the URL of the current view. */
  url(): string | undefined
  /** Handles a page that was loaded or restored: begins a view if views are automatic. */
  open(): void
  /** Handles a possible change of the URL: begins a view if views are automatic and the page is another one. */
  move(isReplaced: boolean): void
  /** Reports the pending view, if there is one. */
  flush(): void
  /** Reports a view on behalf of the site. */
  announce(options: ViewOptions): void
}

export interface PageViewOptions extends Pick<Poster, 'host' | 'later'> {
  /** Whether views are detected; otherwise the site announces each view. */
  isAutomatic: boolean
  /** Returns the URL to report, by default that of the page; `undefined` if it is not http or https. */
  toUrl(url?: string): string | undefined
  /** Is called before the current view ends. */
  onEnd(): void
  /** Is called once per view. */
  report(view: View): void
}

/**
 * Creates a detector of page views. It reports a view after a delay, so that the page can set its title, or before the
 * next event.
 */
export function createPageViews(options: PageViewOptions): PageViews {
  const { host, toUrl, onEnd, report } = options
  const { document } = host
  /** URL of the page at the last check. */
  let location: string | undefined
  /** URL of the current view. */
  let url: string | undefined
  let referrer = ''
  let timer: Timer | undefined

  function begin(nextReferrer: string): void {
    // A local file and an `about:` page have no address.
    if (!options.isAutomatic || !location) return
    flush()
    onEnd()
    url = location
    referrer = nextReferrer
    timer = options.later(viewDelayMs, flush)
  }

  function flush(): void {
    if (timer === undefined) return
    host.clearTimeout(timer)
    timer = undefined
    report({ url, referrer, title: document?.title })
  }

  return {
    url: () => url ?? toUrl(),
    open() {
      // A view that waits since before `optOut` is the same one.
      host.clearTimeout(timer)
      timer = undefined
      location = toUrl()
      begin(document?.referrer ?? '')
    },
    move(isReplaced) {
      const before = location
      location = toUrl()
      // A page that redirects right away was not seen under its first URL.
      if (isReplaced && timer !== undefined) url = location
      // An app that writes its filters to the query while the visitor types replaces its history entry. The page
      // is still the same.
      else if (isReplaced ? withoutQuery(location) !== withoutQuery(before) : location !== before)
        begin(url ?? '')
    },
    flush,
    announce(view) {
      flush()
      onEnd()
      referrer = view.referrer ?? url ?? document?.referrer ?? ''
      url = toUrl(view.url)
      report({ url, referrer, title: view.title ?? document?.title })
    },
  }
}

function withoutQuery(url: string | undefined): string | undefined {
  return url?.replace(/\?[^#]*/, '')
}
