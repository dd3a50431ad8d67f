import type { Page, PageSignal, Platform } from './platform.ts'

/** The only file that touches the browser; what it works around is linked where it does. */
export function browserPlatform(): Platform {
  return {
    now: () => Date.now(),
    random: () => Math.random(),
    newId,
    after(delayMs, run) {
      // A longer delay than a signed 32-bit number overflows, and runs at once.
      // https://developer.mozilla.org/docs/Web/API/Window/setTimeout#maximum_delay_value
      const timer = setTimeout(run, Math.min(delayMs, 2_147_483_647))
      return () => clearTimeout(timer)
    },
    fetch: (url, init) => fetch(url, init),
    // Firefox before 133 ignores it: https://bugzilla.mozilla.org/show_bug.cgi?id=1342484
    keepalive: typeof Request === 'function' && 'keepalive' in Request.prototype,
    sendBeacon: (url, body) => navigator.sendBeacon(url, body),
    log: message => console.debug(`[tidemark] ${message}`),
    page: typeof document === 'undefined' ? undefined : browserPage(),
  }
}

/** The element that this very script was loaded by; `undefined` in a module. */
export function currentScript(): HTMLScriptElement | undefined {
  const script = document.currentScript
  return script instanceof HTMLScriptElement ? script : undefined
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

function browserPage(): Page {
  return {
    url: () => location.href,
    referrer: () => document.referrer,
    title: () => document.title,
    // A page that is being prerendered says that it is hidden, and may still be when it is activated.
    isVisible: () => document.visibilityState === 'visible',
    asksNotToTrack: () =>
      navigator.doNotTrack === '1' ||
      ('globalPrivacyControl' in navigator && navigator.globalPrivacyControl === true),
    watch: watchPage,
  }
}

type Listen = (target: EventTarget, type: string, run: (event: Event) => void) => void

function watchPage(listener: (signal: PageSignal) => void): () => void {
  const stops: (() => void)[] = []
  const listen: Listen = (target, type, run) => {
    target.addEventListener(type, run, true)
    stops.push(() => target.removeEventListener(type, run, true))
  }

  listen(document, 'visibilitychange', () =>
    listener(document.visibilityState === 'visible' ? 'visible' : 'hidden'),
  )
  // Safari before 14.5 says nothing of `hidden` when it navigates, so `pagehide` has to do.
  // https://bugs.webkit.org/show_bug.cgi?id=151234
  // Never `unload` or `beforeunload`: both keep pages from the back/forward cache.
  // https://web.dev/articles/bfcache#never-use-the-unload-event
  listen(window, 'pagehide', () => listener('gone'))
  listen(window, 'pageshow', event => {
    if ('persisted' in event && event.persisted) listener('restored')
  })
  listen(window, 'online', () => listener('online'))
  stops.push(watchHistory(listener, listen))
  return () => stops.forEach(stop => stop())
}

/**
 * The Navigation API tells of every change of the address, whoever made it. Where it is missing
 * (Firefox before 147, Safari before 26.2), or knows nothing (an opaque origin), history is watched:
 * `popstate` tells of going back and forward, and of fragments, but not of `pushState`.
 */
function watchHistory(listener: (signal: PageSignal) => void, listen: Listen): () => void {
  if ('navigation' in window && window.navigation.currentEntry) {
    listen(window.navigation, 'currententrychange', event =>
      listener(
        'navigationType' in event && event.navigationType === 'replace' ? 'replaced' : 'moved',
      ),
    )
    return () => {}
  }
  listen(window, 'popstate', () => listener('moved'))
  const unpatch = [
    patchHistory('pushState', () => listener('moved')),
    patchHistory('replaceState', () => listener('replaced')),
  ]
  return () => unpatch.forEach(undo => undo())
}

function patchHistory(method: 'pushState' | 'replaceState', after: () => void): () => void {
  const original = history[method]
  const patched: History['pushState'] = function (this: History, ...args) {
    original.apply(this, args)
    after()
  }
  history[method] = patched
  return () => {
    // Somebody else may have patched it since; taking theirs away would break them.
    if (history[method] === patched) history[method] = original
  }
}
