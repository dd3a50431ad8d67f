import type { Page, PageSignal, TrackerPlatform } from './platform.ts'

/** The only file that touches the browser; what it works around is linked where it does. */
export function browserPlatform(): TrackerPlatform {
  return {
    now: Date.now,
    random: Math.random,
    newId,
    after(delayMs, run) {
      // A longer delay than a signed 32-bit number overflows, and runs at once.
      // https://developer.mozilla.org/docs/Web/API/Window/setTimeout#maximum_delay_value
      const timer = setTimeout(run, Math.min(delayMs, 2_147_483_647))
      return () => clearTimeout(timer)
    },
    fetch: (url, init) => fetch(url, init),
    // Firefox before 133 ignores it: https://bugzilla.mozilla.org/show_bug.cgi?id=1342484
    keepalive: 'keepalive' in (globalThis.Request?.prototype ?? {}),
    sendBeacon: (url, body) => navigator.sendBeacon(url, body),
    // oxlint-disable-next-line no-console -- asked for by `debug`
    log: message => console.debug(`[tidemark] ${message}`),
    page: typeof document === 'undefined' ? undefined : browserPage(),
  }
}

/** The element that this very script was loaded by; `undefined` in a module. */
export function currentScript(): HTMLScriptElement | undefined {
  const script = document.currentScript
  return script && 'src' in script ? script : undefined
}

/** Unlike `randomUUID`, `getRandomValues` is there on plain http too. */
function newId(): string {
  let bytes = new Uint8Array(16)
  try {
    crypto.getRandomValues(bytes)
  } catch {
    bytes = bytes.map(() => Math.random() * 256)
  }
  return Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('')
}

/** TypeScript does not know of Global Privacy Control (W3C) yet. */
interface PrivacySignals {
  readonly doNotTrack: string | null
  readonly globalPrivacyControl?: boolean
}

function browserPage(): Page {
  return {
    url: () => location.href,
    referrer: () => document.referrer,
    title: () => document.title,
    isVisible,
    asksNotToTrack() {
      const { doNotTrack, globalPrivacyControl }: PrivacySignals = navigator
      return doNotTrack === '1' || globalPrivacyControl === true
    },
    automated: navigator.webdriver,
    watch: watchPage,
  }
}

/** A page that is being prerendered is hidden; that it is seen at last comes as `visibilitychange`, too. */
function isVisible(): boolean {
  return document.visibilityState === 'visible'
}

/** What is looked at in events of several kinds. */
interface PageEvent extends Event {
  /** Of `pageshow`: whether the page was in the back/forward cache. */
  persisted?: boolean
  /** Of `currententrychange`. */
  navigationType?: NavigationType | null
}

function watchPage(listener: (signal: PageSignal) => void): () => void {
  const stopper = new AbortController()

  function tell(signal: PageSignal | false | undefined): void {
    if (signal && !stopper.signal.aborted) listener(signal)
  }

  /** Tells what an event means, if it means anything. */
  function listen(
    target: EventTarget,
    type: string,
    toSignal: (event: PageEvent) => PageSignal | false | undefined,
  ): void {
    target.addEventListener(type, event => tell(toSignal(event)), { signal: stopper.signal })
  }

  listen(document, 'visibilitychange', () => (isVisible() ? 'visible' : 'hidden'))
  // Safari does not always say `hidden` when a page is left, so `pagehide` says it too.
  // https://bugs.webkit.org/show_bug.cgi?id=151610
  // Never `unload` or `beforeunload`, which keep pages from the back/forward cache.
  // https://web.dev/articles/bfcache#never-use-the-unload-event
  listen(window, 'pagehide', () => 'gone')
  listen(window, 'pageshow', event => event.persisted && 'restored')
  listen(window, 'online', () => 'online')

  // The Navigation API tells of every change of the address, whoever made it. It is missing before
  // Firefox 147 and Safari 26.2, and knows of nothing in an opaque origin.
  if ('navigation' in window && window.navigation.currentEntry) {
    listen(window.navigation, 'currententrychange', event =>
      event.navigationType === 'replace' ? 'replaced' : 'moved',
    )
  } else {
    listen(window, 'popstate', () => 'moved')
    patchHistory('pushState', () => tell('moved'))
    patchHistory('replaceState', () => tell('replaced'))
  }
  return () => stopper.abort()
}

/**
 * No event tells of these two. The patch is never taken back, since whoever patched the method later
 * may hold on to ours; it is silent when nobody listens any more.
 */
function patchHistory(method: 'pushState' | 'replaceState', after: () => void): void {
  const original = history[method]
  history[method] = function (this: History, ...args) {
    original.apply(this, args)
    after()
  }
}
