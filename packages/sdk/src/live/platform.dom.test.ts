// @vitest-environment happy-dom
import { afterEach, describe, expect, it, vi } from 'vitest'
import { currentPlatform } from './platform.ts'

afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

describe('currentPlatform: page', () => {
  it.each([
    ['online', () => window],
    ['offline', () => window],
    ['pageshow', () => window],
    ['visibilitychange', () => document],
    ['resume', () => document],
  ] as [string, () => EventTarget][])(
    'notifies the listener of %s events until it is removed',
    (name, target) => {
      let calls = 0
      const end = currentPlatform().page?.onChange(() => calls++)
      target().dispatchEvent(new Event(name))
      expect(calls).toBe(1)

      end?.()
      target().dispatchEvent(new Event(name))
      expect(calls).toBe(1)
    },
  )

  it('reads the visibility at each call', () => {
    const { page } = currentPlatform()
    const state = vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('hidden')
    expect(page?.isHidden()).toBe(true)

    state.mockReturnValue('visible')
    expect(page?.isHidden()).toBe(false)
  })

  it('reads the network state at each call', () => {
    const { page } = currentPlatform()
    const online = vi.spyOn(navigator, 'onLine', 'get').mockReturnValue(false)
    expect(page?.isOnline()).toBe(false)

    online.mockReturnValue(true)
    expect(page?.isOnline()).toBe(true)
  })

  it('returns the URL of the page', () => {
    expect(currentPlatform().href).toBe(location.href)
  })
})

describe('currentPlatform: runtime without a page', () => {
  it('has no page and no URL', () => {
    vi.stubGlobal('document', undefined)
    vi.stubGlobal('location', undefined)
    const { page, href } = currentPlatform()

    expect(page).toBeUndefined()
    expect(href).toBeUndefined()
  })

  it('may have no WebSocket', () => {
    vi.stubGlobal('WebSocket', undefined)

    expect(currentPlatform().WebSocket).toBeUndefined()
  })
})

describe('currentPlatform: globals', () => {
  it('are read at each call', async () => {
    const platform = currentPlatform()
    const answer = new Response('later')
    vi.stubGlobal('fetch', () => Promise.resolve(answer))
    vi.spyOn(Math, 'random').mockReturnValue(0.25)
    vi.spyOn(Date, 'now').mockReturnValue(42)

    expect(await platform.fetch('https://stats.test/')).toBe(answer)
    expect(platform.random()).toBe(0.25)
    expect(platform.now()).toBe(42)
  })

  it('start and cancel timers', () => {
    vi.useFakeTimers()
    const platform = currentPlatform()
    let runs = 0
    platform.setTimeout(() => runs++, 100)
    platform.clearTimeout(platform.setTimeout(() => runs++, 100))
    platform.clearTimeout(undefined)
    vi.advanceTimersByTime(1000)
    vi.useRealTimers()

    expect(runs).toBe(1)
  })

  it('limit delays to the longest timer', () => {
    const longestMs = 2 ** 31 - 1
    vi.useFakeTimers()
    const delays = vi.spyOn(globalThis, 'setTimeout')
    const platform = currentPlatform()
    platform.clearTimeout(platform.setTimeout(() => {}, longestMs + 60_000))
    vi.useRealTimers()

    expect(delays.mock.calls.map(([, delayMs]) => delayMs)).toEqual([longestMs])
  })
})
