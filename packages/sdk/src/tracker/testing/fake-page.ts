/** Options of a fake page. */
export interface PageOptions {
  /** @default 'https://shop.example/' */
  url?: string
  /** @default 'https://search.example/' */
  referrer?: string
  /** @default 'Home' */
  title?: string
  /** @default true */
  isVisible?: boolean
  /** Whether the browser has the Navigation API. @default false */
  hasNavigation?: boolean
  /** URL of `<base>`. @default the page's URL */
  base?: string
}

/** A page under the control of a test: its document, its window and its history. */
export interface FakePage {
  readonly document: EventTarget & { title: string; referrer: string; location: URL }
  readonly window: EventTarget
  readonly history: {
    pushState(state: unknown, unused: string, url?: string): void
    replaceState(state: unknown, unused: string, url?: string): void
  }
  readonly navigation: (EventTarget & { currentEntry: object | null }) | undefined
  /** Types of all listeners that were added to the document and the window. */
  readonly listened: string[]
  setVisible(isVisible: boolean): void
  /** Another tab covers the page. */
  hide(): void
  show(): void
  /** The visitor leaves the page. */
  leave(): void
  /** The page returns from the back/forward cache. */
  restore(): void
  freeze(): void
  /** The network is available again. */
  goOnline(): void
  push(url: string): void
  replace(url: string): void
  /** Moves in the history, as with the back button. */
  traverse(url: string): void
}

export function createFakePage(options: PageOptions = {}): FakePage {
  const { isVisible = true, hasNavigation = false } = options
  const location = new URL(options.url ?? 'https://shop.example/')
  const listened: string[] = []
  let isHidden = !isVisible

  const observe = <Target extends EventTarget>(target: Target): Target => {
    const add = target.addEventListener.bind(target)
    target.addEventListener = (type, ...rest) => {
      listened.push(type)
      add(type, ...rest)
    }
    return target
  }

  const window = observe(new EventTarget())
  const document = observe(
    Object.assign(new EventTarget(), {
      title: options.title ?? 'Home',
      referrer: options.referrer ?? 'https://search.example/',
      location,
      createElement: () => createLink(() => options.base ?? location.href),
    }),
  )
  Object.defineProperty(document, 'hidden', { configurable: true, get: () => isHidden })
  const navigation = hasNavigation
    ? Object.assign(new EventTarget(), { currentEntry: new EventTarget() })
    : undefined

  function move(url: string | undefined, navigationType: string): void {
    if (url !== undefined) location.href = new URL(url, options.base ?? location.href).href
    navigation?.dispatchEvent(Object.assign(new Event('currententrychange'), { navigationType }))
  }

  const page: FakePage = {
    document,
    window,
    navigation,
    listened,
    history: {
      pushState: (_state, _unused, url) => move(url, 'push'),
      replaceState: (_state, _unused, url) => move(url, 'replace'),
    },
    setVisible(next) {
      isHidden = !next
      document.dispatchEvent(new Event('visibilitychange'))
    },
    hide: () => page.setVisible(false),
    show: () => page.setVisible(true),
    leave() {
      window.dispatchEvent(new Event('pagehide'))
      page.setVisible(false)
    },
    restore() {
      isHidden = false
      window.dispatchEvent(Object.assign(new Event('pageshow'), { persisted: true }))
      page.setVisible(true)
    },
    freeze: () => void document.dispatchEvent(new Event('freeze')),
    goOnline: () => void window.dispatchEvent(new Event('online')),
    push: url => page.history.pushState(null, '', url),
    replace: url => page.history.replaceState(null, '', url),
    traverse(url) {
      move(url, 'traverse')
      window.dispatchEvent(new Event('popstate'))
    },
  }
  return page
}

/** Returns an `<a>` whose `href` resolves a relative URL. An invalid URL has no parts. */
function createLink(getBase: () => string): object {
  const parts = { protocol: ':', origin: '', pathname: '', search: '', hash: '' }
  return Object.defineProperty(parts, 'href', {
    set(text: string) {
      const url = URL.parse(text, getBase())
      if (!url) return
      const { protocol, origin, pathname, search, hash } = url
      Object.assign(parts, { protocol, origin, pathname, search, hash })
    },
  })
}
