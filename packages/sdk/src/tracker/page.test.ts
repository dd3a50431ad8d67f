import { describe, expect, it } from 'vitest'
import type { Host } from './host.ts'
import { isVisible, watchUrl } from './page.ts'
import type { PageOptions } from './testing/fake-page.ts'
import { type FakeTab, createFakeWorld } from './testing/fake-world.ts'

interface Watched {
  tab: FakeTab
  /** Changes of the URL, in order. */
  signals: string[]
  stop(): void
}

function watch(
  page: PageOptions = {},
  globals: Partial<Record<keyof Host, unknown>> = {},
): Watched {
  const { tab } = createFakeWorld(page)
  Object.assign(tab.host, globals)
  const signals: string[] = []
  const aborter = new AbortController()
  watchUrl(
    tab.host,
    (target, type, listener) => target.addEventListener(type, listener, { signal: aborter.signal }),
    isReplaced => void signals.push(isReplaced ? 'replaced' : 'moved'),
  )
  return { tab, signals, stop: () => aborter.abort() }
}

describe('Page: visibility', () => {
  it('is that of the document', () => {
    const { tab } = createFakeWorld({ isVisible: false })
    expect(isVisible(tab.host)).toBe(false)
    tab.show()
    expect(isVisible(tab.host)).toBe(true)
  })

  it('is false in an iframe without a size, until it gets one', () => {
    const { host } = createFakeWorld().tab
    Object.assign(host, { innerWidth: 0, top: {} })
    expect(isVisible(host)).toBe(false)
    host.innerWidth = 300
    expect(isVisible(host)).toBe(true)
  })

  it('is true in a minimized window without a size', () => {
    const { host } = createFakeWorld().tab
    host.innerWidth = 0
    expect(isVisible(host)).toBe(true)
  })

  it('is true outside a page', () => {
    const { host } = createFakeWorld().tab
    expect(isVisible(Object.assign(host, { document: undefined }))).toBe(true)
  })
})

describe('Page: navigation', () => {
  it('does not exist outside a page', () => {
    const globals = { document: undefined, window: undefined, history: undefined }
    expect(watch({}, globals).tab.listened).toEqual([])
  })

  it('is reported by the Navigation API, which leaves the history alone', () => {
    const { tab, signals } = watch({ hasNavigation: true })
    const { pushState } = createFakeWorld().tab.history
    tab.push('/a')
    tab.replace('/b')
    tab.traverse('/a')
    tab.navigation?.dispatchEvent(
      Object.assign(new Event('currententrychange'), { navigationType: null }),
    )
    expect(signals).toEqual(['moved', 'replaced', 'moved', 'moved'])
    expect(tab.history.pushState.toString()).toBe(pushState.toString())
  })

  it.each([
    ['missing', undefined],
    ['null', null],
    ['an object of the page', { currentEntry: {} }],
    ['a function of the page', () => {}],
    [
      'without an entry, as in an opaque origin',
      Object.assign(new EventTarget(), { currentEntry: null }),
    ],
    ['an unrelated target of events', new EventTarget()],
  ])('is reported by the history if `navigation` is %s', (_, navigation) => {
    const { tab, signals, stop } = watch({}, { navigation })
    tab.push('/pushed')
    expect(tab.document.location.pathname).toBe('/pushed')
    tab.replace('/replaced')
    expect(tab.document.location.pathname).toBe('/replaced')
    tab.traverse('/pushed')
    expect(signals).toEqual(['moved', 'replaced', 'moved'])
    stop()
    tab.traverse('/')
    expect(signals).toHaveLength(3)
  })

  it('is not reported for a call that the history refuses, and its error reaches the page', () => {
    const { tab } = createFakeWorld()
    tab.history.pushState = () => {
      throw new DOMException('no', 'SecurityError')
    }
    const signals: string[] = []
    watchUrl(
      tab.host,
      () => {},
      () => void signals.push('signal'),
    )
    expect(() => tab.push('https://elsewhere.example/')).toThrow('no')
    expect(signals).toEqual([])
  })

  it('passes the state and the receiver to the history', () => {
    const { tab } = createFakeWorld()
    const calls: unknown[] = []
    tab.history.pushState = function (this: unknown, ...args) {
      calls.push([this === tab.history, ...args])
    }
    watchUrl(
      tab.host,
      () => {},
      () => {},
    )
    tab.history.pushState({ a: 1 }, '', '/x')
    expect(calls).toEqual([[true, { a: 1 }, '', '/x']])
  })
})
