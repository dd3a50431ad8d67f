// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { browserPlatform, currentScript } from './browser.ts'
import type { PageSignal } from './platform.ts'

let signals: PageSignal[] = []
let stop = (): void => {}

function watch(): void {
  const { page } = browserPlatform()
  stop = page?.watch(signal => signals.push(signal)) ?? stop
}

function setVisibility(state: DocumentVisibilityState): void {
  vi.spyOn(document, 'visibilityState', 'get').mockReturnValue(state)
  document.dispatchEvent(new Event('visibilitychange'))
}

beforeEach(() => {
  signals = []
})

afterEach(() => {
  stop()
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

describe('Browser platform: page signals', () => {
  it('emits a signal for each change of the page', () => {
    watch()
    setVisibility('hidden')
    setVisibility('visible')
    window.dispatchEvent(new Event('pagehide'))
    window.dispatchEvent(new Event('online'))
    expect(signals).toEqual(['hidden', 'visible', 'left', 'online'])
  })

  it('emits `restored` only after a stay in the back/forward cache', () => {
    watch()
    for (const persisted of [false, true]) {
      window.dispatchEvent(Object.assign(new Event('pageshow'), { persisted }))
    }
    expect(signals).toEqual(['restored'])
  })

  it('reports a prerendered or hidden page as not visible', () => {
    const { page } = browserPlatform()
    setVisibility('hidden')
    expect(page?.isVisible()).toBe(false)
    setVisibility('visible')
    expect(page?.isVisible()).toBe(true)
  })

  it('emits nothing after the listener was removed', () => {
    watch()
    stop()
    setVisibility('hidden')
    window.dispatchEvent(new Event('pagehide'))
    expect(signals).toEqual([])
  })

  it('adds no handler that disables the back/forward cache', () => {
    const types: string[] = []
    for (const target of [window, document]) {
      vi.spyOn(target, 'addEventListener').mockImplementation(type => void types.push(type))
    }
    watch()
    expect(types).not.toContain('unload')
    expect(types).not.toContain('beforeunload')
    expect(types).toContain('pagehide')
  })

  it('reports Do Not Track and Global Privacy Control', () => {
    const { page } = browserPlatform()
    expect(page?.hasOptOutSignal()).toBe(false)
    vi.stubGlobal('navigator', { doNotTrack: '1' })
    expect(page?.hasOptOutSignal()).toBe(true)
    vi.stubGlobal('navigator', { doNotTrack: null, globalPrivacyControl: true })
    expect(page?.hasOptOutSignal()).toBe(true)
    vi.stubGlobal('navigator', { doNotTrack: 'unspecified', globalPrivacyControl: false })
    expect(page?.hasOptOutSignal()).toBe(false)
  })

  it.each([true, false])('reports whether a program controls the browser: %s', webdriver => {
    vi.stubGlobal('navigator', { webdriver })
    expect(browserPlatform().page?.automated).toBe(webdriver)
  })
})

describe('Browser platform: navigation', () => {
  it('uses the Navigation API where it exists and does not patch history', () => {
    const { pushState } = history
    const navigation = Object.assign(new EventTarget(), { currentEntry: {} })
    vi.stubGlobal('navigation', navigation)
    watch()
    for (const navigationType of ['push', 'replace', 'traverse', null]) {
      navigation.dispatchEvent(Object.assign(new Event('currententrychange'), { navigationType }))
    }
    expect(signals).toEqual(['moved', 'replaced', 'moved', 'moved'])
    expect(history.pushState).toBe(pushState)
    history.pushState(null, '', '/a')
    window.dispatchEvent(new Event('popstate'))
    expect(signals).toHaveLength(4)
  })

  it('patches history where the Navigation API is missing or has no entry', () => {
    for (const navigation of [
      undefined,
      Object.assign(new EventTarget(), { currentEntry: null }),
    ]) {
      vi.stubGlobal('navigation', navigation)
      if (!navigation) Reflect.deleteProperty(window, 'navigation')
      signals = []
      watch()
      history.pushState({ a: 1 }, '', '/pushed')
      expect(location.pathname).toBe('/pushed')
      history.replaceState(null, '', '/replaced')
      expect(location.pathname).toBe('/replaced')
      window.dispatchEvent(new Event('popstate'))
      expect(signals).toEqual(['moved', 'replaced', 'moved'])
      stop()
      history.pushState(null, '', '/unheard')
      expect(signals).toHaveLength(3)
    }
  })

  it('emits nothing for a call that history refuses, and rethrows its error', () => {
    Reflect.deleteProperty(window, 'navigation')
    vi.spyOn(history, 'pushState').mockImplementation(() => {
      throw new DOMException('no', 'SecurityError')
    })
    watch()
    expect(() => history.pushState(null, '', 'https://elsewhere.example/')).toThrow('no')
    expect(signals).toEqual([])
  })
})

describe('Browser platform: globals', () => {
  it('creates client ids of 128 random bits', () => {
    const ids = Array.from({ length: 100 }, () => browserPlatform().newId())
    for (const id of ids) expect(id).toMatch(/^[\da-f]{32}$/)
    expect(new Set(ids).size).toBe(100)
  })

  it('creates client ids where `crypto` is missing', () => {
    for (const crypto of [
      undefined,
      {},
      {
        getRandomValues: () => {
          throw new Error('quota')
        },
      },
    ]) {
      vi.stubGlobal('crypto', crypto)
      const ids = [browserPlatform().newId(), browserPlatform().newId()]
      for (const id of ids) expect(id).toMatch(/^[\da-f]{32}$/)
      expect(ids[0]).not.toBe(ids[1])
    }
  })

  it('supports delays beyond 32 bits and cancels timers', () => {
    vi.useFakeTimers()
    const ran: string[] = []
    const { after } = browserPlatform()
    after(Infinity, () => ran.push('never'))
    after(10, () => ran.push('ten'))
    after(10, () => ran.push('cancelled'))()
    vi.advanceTimersByTime(100_000)
    expect(ran).toEqual(['ten'])
    vi.useRealTimers()
  })

  it('detects support for `keepalive`', () => {
    expect(browserPlatform().keepalive).toBe('keepalive' in Request.prototype)
    vi.stubGlobal('Request', () => {})
    expect(browserPlatform().keepalive).toBe(false)
    vi.stubGlobal('Request', undefined)
    expect(browserPlatform().keepalive).toBe(false)
  })

  it('uses the current `fetch` of the page', async () => {
    const platform = browserPlatform()
    vi.stubGlobal('fetch', () => Promise.resolve('ours'))
    expect(await platform.fetch('/', {})).toBe('ours')
  })
})

it('currentScript: returns the running script, and no other kind of element', () => {
  const script = document.createElement('script')
  const current = vi.spyOn(document, 'currentScript', 'get')
  current.mockReturnValue(script)
  expect(currentScript()).toBe(script)
  current.mockReturnValue(null)
  expect(currentScript()).toBeUndefined()
})
