import { describe, expect, it } from 'vitest'
import type { Host } from './host.ts'
import { isVisible, watchPage } from './page.ts'
import type { PageOptions } from './testing/fake-page.ts'
import { type FakeTab, createFakeWorld } from './testing/fake-world.ts'

interface Watched {
  tab: FakeTab
  /** Names of the reactions, in order. */
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
  const { signal, abort } = bind(new AbortController())
  const note = (name: string) => () => void signals.push(name)
  watchPage(
    tab.host,
    (target, type, listener) => target.addEventListener(type, listener, { signal }),
    {
      show: note('show'),
      hide: note('hide'),
      leave: note('leave'),
      restore: note('restore'),
      retry: note('retry'),
      move: isReplaced => void signals.push(isReplaced ? 'replaced' : 'moved'),
    },
  )
  return { tab, signals, stop: abort }
}

function bind(aborter: AbortController): { signal: AbortSignal; abort: () => void } {
  return { signal: aborter.signal, abort: () => aborter.abort() }
}

describe('Page: signals', () => {
  it('follow each change of the page', () => {
    const { tab, signals } = watch()
    tab.hide()
    tab.show()
    tab.freeze()
    tab.window.dispatchEvent(new Event('pagehide'))
    tab.goOnline()
    expect(signals).toEqual(['hide', 'show', 'hide', 'leave', 'retry'])
  })

  it('report a restored page only after a stay in the back/forward cache', () => {
    const { tab, signals } = watch()
    for (const persisted of [false, true])
      tab.window.dispatchEvent(Object.assign(new Event('pageshow'), { persisted }))
    expect(signals).toEqual(['restore'])
  })

  it('need no listener that keeps the page out of the back/forward cache', () => {
    const { listened } = watch().tab
    expect(listened).toContain('pagehide')
    expect(listened).not.toContain('unload')
    expect(listened).not.toContain('beforeunload')
  })

  it('do not exist outside a page', () => {
    const { tab } = watch({}, { document: undefined })
    expect(tab.listened).toEqual([])
  })
})

describe('Page: visibility', () => {
  it('is that of the document', () => {
    const { tab } = createFakeWorld({ isVisible: false })
    expect(isVisible(tab.host)).toBe(false)
    tab.show()
    expect(isVisible(tab.host)).toBe(true)
  })

  it('is false in an iframe without a size, until it gets one', () => {
    const { tab, signals } = watch({}, { innerWidth: 0, top: {} })
    expect(isVisible(tab.host)).toBe(false)
    tab.host.innerWidth = 300
    tab.window.dispatchEvent(new Event('resize'))
    expect(isVisible(tab.host)).toBe(true)
    expect(signals).toEqual(['show'])
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
    const listen = (): void => {}
    const note = (): void => void signals.push('signal')
    watchPage(tab.host, listen, {
      ...{ show: note, hide: note, leave: note, restore: note, move: note, retry: note },
    })
    expect(() => tab.push('https://elsewhere.example/')).toThrow('no')
    expect(signals).toEqual([])
  })

  it('passes the state and the receiver to the history', () => {
    const { tab } = createFakeWorld()
    const calls: unknown[] = []
    tab.history.pushState = function (this: unknown, ...args) {
      calls.push([this === tab.history, ...args])
    }
    const none = (): void => {}
    watchPage(tab.host, none, {
      ...{ show: none, hide: none, leave: none, restore: none, move: none, retry: none },
    })
    tab.history.pushState({ a: 1 }, '', '/x')
    expect(calls).toEqual([[true, { a: 1 }, '', '/x']])
  })
})
