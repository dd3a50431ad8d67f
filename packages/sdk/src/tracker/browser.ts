import type { Page, PageSignal, TrackerPlatform } from './platform.ts'

/** Creates the platform of a browser. No other file uses browser globals. */
export function browserPlatform(): TrackerPlatform {
  return {
    now: Date.now,
    random: Math.random,
    newId,
    after(delayMs, run) {
      // A delay above a signed 32-bit number overflows and runs immediately.
      // https://developer.mozilla.org/docs/Web/API/Window/setTimeout#maximum_delay_value
      const timer = setTimeout(run, Math.min(delayMs, 2_147_483_647))
      return () => clearTimeout(timer)
    },
    fetch: (url, init) => fetch(url, init),
    // Firefox before 133 ignores `keepalive`: https://bugzilla.mozilla.org/show_bug.cgi?id=1342484
    keepalive: 'keepalive' in (globalThis.Request?.prototype ?? {}),
    sendBeacon: (url, body) => navigator.sendBeacon(url, body),
    // oxlint-disable-next-line no-console -- requested by `debug`
    log: message => console.debug(`[tidemark] ${message}`),
    page: typeof document === 'undefined' ? undefined : browserPage(),
  }
}

/** Returns the element of the running script; `undefined` in a module. */
export function currentScript(): HTMLScriptElement | undefined {
  const script = document.currentScript
  return script && 'src' in script ? script : undefined
}

/** Returns a random id. `getRandomValues`, unlike `randomUUID`, also exists on plain http. */
function newId(): string {
  let bytes = new Uint8Array(16)
  try {
    crypto.getRandomValues(bytes)
  } catch {
    bytes = bytes.map(() => Math.random() * 256)
  }
  return Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('')
}

/** Privacy signals of `navigator`. TypeScript does not define Global Privacy Control (W3C) yet. */
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
    hasOptOutSignal() {
      const { doNotTrack, globalPrivacyControl }: PrivacySignals = navigator
      return doNotTrack === '1' || globalPrivacyControl === true
    },
    automated: navigator.webdriver,
    watch: watchPage,
  }
}

/** Returns whether the page is visible. A prerendered page is hidden and becomes visible by `visibilitychange`. */
function isVisible(): boolean {
  return document.visibilityState === 'visible'
}

/** The event properties that are read here. */
interface PageEvent extends Event {
  /** In `pageshow`: whether the page comes from the back/forward cache. */
  persisted?: boolean
  /** In `currententrychange`. */
  navigationType?: NavigationType | null
}

function watchPage(listener: (signal: PageSignal) => void): () => void {
  const controller = new AbortController()

  function emit(signal: PageSignal | false | undefined): void {
    if (signal && !controller.signal.aborted) listener(signal)
  }

  /** Emits the signal of each event that has one. */
  function listen(
    target: EventTarget,
    type: string,
    toSignal: (event: PageEvent) => PageSignal | false | undefined,
  ): void {
    target.addEventListener(type, event => emit(toSignal(event)), { signal: controller.signal })
  }

  listen(document, 'visibilitychange', () => (isVisible() ? 'visible' : 'hidden'))
  // Safari does not always fire `visibilitychange` when a page is left, so `pagehide` is needed as well.
  // https://bugs.webkit.org/show_bug.cgi?id=151610
  // `unload` and `beforeunload` would keep the page out of the back/forward cache.
  // https://web.dev/articles/bfcache#never-use-the-unload-event
  listen(window, 'pagehide', () => 'left')
  listen(window, 'pageshow', event => event.persisted && 'restored')
  listen(window, 'online', () => 'online')

  // The Navigation API reports every change of the URL. It does not exist before Firefox 147 and Safari 26.2,
  // and has no current entry in an opaque origin.
  if ('navigation' in window && window.navigation.currentEntry) {
    listen(window.navigation, 'currententrychange', event =>
      event.navigationType === 'replace' ? 'replaced' : 'moved',
    )
  } else {
    listen(window, 'popstate', () => 'moved')
    patchHistory('pushState', () => emit('moved'))
    patchHistory('replaceState', () => emit('replaced'))
  }
  return () => controller.abort()
}

/**
 * Calls a function after each call of a history method, for which there is no event. The patch stays in place
 * after `stop`, because a later patch may refer to it; it then has no effect.
 */
function patchHistory(method: 'pushState' | 'replaceState', after: () => void): void {
  const original = history[method]
  history[method] = function (this: History, ...args) {
    original.apply(this, args)
    after()
  }
}
