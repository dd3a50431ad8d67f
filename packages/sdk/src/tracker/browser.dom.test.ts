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

describe('the page', () => {
  it('says what happens to it', () => {
    watch()
    setVisibility('hidden')
    setVisibility('visible')
    window.dispatchEvent(new Event('pagehide'))
    window.dispatchEvent(new Event('online'))
    expect(signals).toEqual(['hidden', 'visible', 'gone', 'online'])
  })

  it('says that it came back only if it was in the back/forward cache', () => {
    watch()
    for (const persisted of [false, true]) {
      window.dispatchEvent(Object.assign(new Event('pageshow'), { persisted }))
    }
    expect(signals).toEqual(['restored'])
  })

  it('is not visible while it is prerendered or hidden', () => {
    const { page } = browserPlatform()
    setVisibility('hidden')
    expect(page?.isVisible()).toBe(false)
    setVisibility('visible')
    expect(page?.isVisible()).toBe(true)
  })

  it('says nothing any more when nobody listens', () => {
    watch()
    stop()
    setVisibility('hidden')
    window.dispatchEvent(new Event('pagehide'))
    expect(signals).toEqual([])
  })

  it('keeps no handler that would keep it from the back/forward cache', () => {
    const types: string[] = []
    for (const target of [window, document]) {
      vi.spyOn(target, 'addEventListener').mockImplementation(type => void types.push(type))
    }
    watch()
    expect(types).not.toContain('unload')
    expect(types).not.toContain('beforeunload')
    expect(types).toContain('pagehide')
  })

  it('says whether the visitor asks for no tracking, in either way', () => {
    const { page } = browserPlatform()
    expect(page?.asksNotToTrack()).toBe(false)
    vi.stubGlobal('navigator', { doNotTrack: '1' })
    expect(page?.asksNotToTrack()).toBe(true)
    vi.stubGlobal('navigator', { doNotTrack: null, globalPrivacyControl: true })
    expect(page?.asksNotToTrack()).toBe(true)
    vi.stubGlobal('navigator', { doNotTrack: 'unspecified', globalPrivacyControl: false })
    expect(page?.asksNotToTrack()).toBe(false)
  })

  it.each([true, false])('says whether a program drives it: %s', webdriver => {
    vi.stubGlobal('navigator', { webdriver })
    expect(browserPlatform().page?.automated).toBe(webdriver)
  })
})

describe('moves', () => {
  it('are told by the Navigation API where it knows them, and history is left alone', () => {
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

  it('are told by history where there is no Navigation API, or it knows nothing', () => {
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

  it('that history refuses are refused as before, and not told', () => {
    Reflect.deleteProperty(window, 'navigation')
    vi.spyOn(history, 'pushState').mockImplementation(() => {
      throw new DOMException('no', 'SecurityError')
    })
    watch()
    expect(() => history.pushState(null, '', 'https://elsewhere.example/')).toThrow('no')
    expect(signals).toEqual([])
  })
})

describe('the platform', () => {
  it('names each client by 128 random bits', () => {
    const ids = Array.from({ length: 100 }, () => browserPlatform().newId())
    for (const id of ids) expect(id).toMatch(/^[\da-f]{32}$/)
    expect(new Set(ids).size).toBe(100)
  })

  it('names clients even where there is no randomness to be had', () => {
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

  it('waits, however long, and not for nothing', () => {
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

  it('knows whether a request can outlive the page', () => {
    expect(browserPlatform().keepalive).toBe('keepalive' in Request.prototype)
    vi.stubGlobal('Request', () => {})
    expect(browserPlatform().keepalive).toBe(false)
    vi.stubGlobal('Request', undefined)
    expect(browserPlatform().keepalive).toBe(false)
  })

  it('uses the fetch that the page has when it is called', async () => {
    const platform = browserPlatform()
    vi.stubGlobal('fetch', () => Promise.resolve('ours'))
    expect(await platform.fetch('/', {})).toBe('ours')
  })
})

it('finds the script that it was loaded by, and no other kind of element', () => {
  const script = document.createElement('script')
  const current = vi.spyOn(document, 'currentScript', 'get')
  current.mockReturnValue(script)
  expect(currentScript()).toBe(script)
  current.mockReturnValue(null)
  expect(currentScript()).toBeUndefined()
})
