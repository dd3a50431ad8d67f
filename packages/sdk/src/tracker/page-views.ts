import { toAddress } from './event.ts'
import { titleDelayMs } from './limits.ts'
import type { Page, TrackerPlatform } from './platform.ts'

/** One view of one page. */
export interface View {
  /** `undefined` if the page has no http or https URL. */
  url: string | undefined
  /** URL of the previous page; empty if there is none. */
  referrer: string
  title: string
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
  /** URL of the current view. */
  readonly url: string | undefined
  /** Handles a page that was loaded or restored: begins a view if views are automatic. */
  open(): void
  /** Handles a possible change of the URL: begins a view if views are automatic and the page is another one. */
  move(replaced: boolean): void
  /** Reports the pending view, if there is one. */
  flush(): void
  /** Reports a view on behalf of the site. */
  announce(options: ViewOptions): void
}

/**
 * Creates a detector of page views. It reports a view after a short delay, so that the page can set its title, or
 * before the next event.
 *
 * @param automatic whether views are detected; otherwise the site announces each view
 * @param hash whether another fragment is another page
 * @param report is called once per view
 */
export function createPageViews(
  platform: TrackerPlatform,
  page: Page,
  automatic: boolean,
  hash: boolean,
  report: (view: View) => void,
): PageViews {
  /** URL of the page at the last check. */
  let location: string | undefined
  /** URL of the current view. */
  let url: string | undefined
  let referrer = ''
  let cancelReport: (() => void) | undefined

  const address = (): string | undefined => toAddress(page.url(), page.url(), hash)

  function begin(nextReferrer: string): void {
    if (!automatic) return
    flush()
    url = location
    referrer = nextReferrer
    cancelReport = platform.after(titleDelayMs, flush)
  }

  function flush(): void {
    if (!cancelReport) return
    cancelReport()
    cancelReport = undefined
    report({ url, referrer, title: page.title() })
  }

  return {
    get url() {
      return url ?? address()
    },
    open() {
      location = address()
      begin(page.referrer())
    },
    move(replaced) {
      const before = location
      location = address()
      // An app that writes its filters to the query while the visitor types replaces its history entry. The page
      // is still the same.
      const isSame = replaced
        ? withoutQuery(location) === withoutQuery(before)
        : location === before
      if (!isSame) begin(url ?? '')
    },
    flush,
    announce(options) {
      flush()
      referrer = options.referrer ?? url ?? page.referrer()
      url = toAddress(options.url ?? page.url(), page.url(), hash)
      report({ url, referrer, title: options.title ?? page.title() })
    },
  }
}

function withoutQuery(url: string | undefined): string | undefined {
  return url?.replace(/\?[^#]*/, '')
}
