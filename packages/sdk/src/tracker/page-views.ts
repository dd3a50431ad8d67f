import { toAddress } from './event.ts'
import { settleMs } from './limits.ts'
import type { Page, TrackerPlatform } from './platform.ts'

/** One look at one page. */
export interface View {
  /** Absent when the page has no http or https address. */
  url: string | undefined
  /** Address of the page before; empty when there was none. */
  referrer: string
  title: string
}

/** What a site may say itself about a view. */
export interface ViewOptions {
  /** Address of the page, absolute or relative. @default the page's own address */
  url?: string
  /** @default the page's own title */
  title?: string
  /** Address of the page before. @default the view before, or what led to the page */
  referrer?: string
}

export interface PageViews {
  /** Address of the page that the visitor is on. */
  readonly url: string | undefined
  /** The page was loaded, or came back: begins a view, if views are seen to. */
  open(): void
  /** The address may have changed: begins a view, if views are seen to and it is another page. */
  move(replaced: boolean): void
  /** Reports the view that has begun, if it has not been reported yet. */
  settle(): void
  /** Reports a view that the site announces itself. */
  announce(options: ViewOptions): void
}

/**
 * Tells views from mere changes of the address. A view is reported a moment after it began, when the
 * page has had time to set its title, or before whatever comes next.
 *
 * @param automatic whether views are seen to, or all announced
 * @param hash whether another fragment is another page
 * @param report takes each view once
 */
export function createPageViews(
  platform: TrackerPlatform,
  page: Page,
  automatic: boolean,
  hash: boolean,
  report: (view: View) => void,
): PageViews {
  /** Where the page was when it was last looked at. */
  let place: string | undefined
  /** The view that the visitor is in. */
  let url: string | undefined
  let referrer = ''
  let cancelSettling: (() => void) | undefined

  const address = (): string | undefined => toAddress(page.url(), page.url(), hash)

  function begin(nextReferrer: string): void {
    if (!automatic) return
    settle()
    url = place
    referrer = nextReferrer
    cancelSettling = platform.after(settleMs, settle)
  }

  function settle(): void {
    if (!cancelSettling) return
    cancelSettling()
    cancelSettling = undefined
    report({ url, referrer, title: page.title() })
  }

  return {
    get url() {
      return url ?? address()
    },
    open() {
      place = address()
      begin(page.referrer())
    },
    move(replaced) {
      const before = place
      place = address()
      // An app that puts its filters into the query as the visitor types replaces its own entry: still
      // the same page.
      const isSame = replaced ? withoutQuery(place) === withoutQuery(before) : place === before
      if (!isSame) begin(url ?? '')
    },
    settle,
    announce(options) {
      settle()
      referrer = options.referrer ?? url ?? page.referrer()
      url = toAddress(options.url ?? page.url(), page.url(), hash)
      report({ url, referrer, title: options.title ?? page.title() })
    },
  }
}

function withoutQuery(url: string | undefined): string | undefined {
  return url?.replace(/\?[^#]*/, '')
}
