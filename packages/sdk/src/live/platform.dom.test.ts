// @vitest-environment happy-dom
import { afterEach, describe, expect, it, vi } from 'vitest'
import { currentPlatform } from './platform.ts'

afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

describe('a page', () => {
  it.each([
    ['online', () => window],
    ['offline', () => window],
    ['pageshow', () => window],
    ['visibilitychange', () => document],
    ['resume', () => document],
  ] as [string, () => EventTarget][])(
    'is listened to for %s, until nobody listens any more',
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

  it('says whether it can be seen, each time it is asked', () => {
    const { page } = currentPlatform()
    const state = vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('hidden')
    expect(page?.isHidden()).toBe(true)

    state.mockReturnValue('visible')
    expect(page?.isHidden()).toBe(false)
  })

  it('says whether there is a network, each time it is asked', () => {
    const { page } = currentPlatform()
    const online = vi.spyOn(navigator, 'onLine', 'get').mockReturnValue(false)
    expect(page?.isOnline()).toBe(false)

    online.mockReturnValue(true)
    expect(page?.isOnline()).toBe(true)
  })

  it('gives its address, that others are relative to', () => {
    expect(currentPlatform().href).toBe(location.href)
  })
})

describe('a runtime without a page', () => {
  it('has no signals and no address', () => {
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

describe('the globals', () => {
  it('are those of the moment of each call, not of the beginning', async () => {
    const platform = currentPlatform()
    const answer = new Response('later')
    vi.stubGlobal('fetch', () => Promise.resolve(answer))
    vi.spyOn(Math, 'random').mockReturnValue(0.25)
    vi.spyOn(Date, 'now').mockReturnValue(42)

    expect(await platform.fetch('https://stats.test/')).toBe(answer)
    expect(platform.random()).toBe(0.25)
    expect(platform.now()).toBe(42)
  })

  it('let a timer run, and take it back', () => {
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

  it('wait for the longest time that a timer can when they are to wait longer, and not for none', () => {
    const longestMs = 2 ** 31 - 1
    vi.useFakeTimers()
    const delays = vi.spyOn(globalThis, 'setTimeout')
    const platform = currentPlatform()
    platform.clearTimeout(platform.setTimeout(() => {}, longestMs + 60_000))
    vi.useRealTimers()

    expect(delays.mock.calls.map(([, delayMs]) => delayMs)).toEqual([longestMs])
  })
})
