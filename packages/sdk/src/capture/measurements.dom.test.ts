// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { minEngagementMs } from '../tracker/limits.ts'
import { engagement } from './engagement.ts'
import { scrollDepth } from './scroll-depth.ts'
import { type FakeCapture, createFakeCapture } from './testing/fake-capture.ts'

let fake: FakeCapture
let isFocused = true

function setVisibility(state: DocumentVisibilityState): void {
  vi.spyOn(document, 'hidden', 'get').mockReturnValue(state === 'hidden')
  document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))
}

function setFocus(next: boolean): void {
  isFocused = next
  window.dispatchEvent(new Event(next ? 'focus' : 'blur'))
}

beforeEach(() => {
  isFocused = true
  vi.spyOn(document, 'hidden', 'get').mockReturnValue(false)
  vi.spyOn(document, 'hasFocus').mockImplementation(() => isFocused)
})

afterEach(() => {
  fake.stop()
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

describe('Engagement', () => {
  const values = (): unknown[] => fake.recorded.map(({ name, value }) => [name, value])

  it('is the time since the last event of the view; the sum is the engaged time', () => {
    fake = createFakeCapture(engagement())
    fake.nowMs = 5000
    fake.pause()
    fake.nowMs = 7000
    fake.pause()
    expect(values()).toEqual([
      ['engagement', 5000],
      ['engagement', 2000],
    ])
  })

  it('does not include time in which the page is hidden', () => {
    fake = createFakeCapture(engagement())
    fake.nowMs = 3000
    setVisibility('hidden')
    fake.pause()
    fake.nowMs = 60_000
    setVisibility('visible')
    fake.nowMs = 64_000
    fake.pause()
    expect(values()).toEqual([
      ['engagement', 3000],
      ['engagement', 4000],
    ])
  })

  it('does not include time in which another window has the focus', () => {
    fake = createFakeCapture(engagement())
    fake.nowMs = 2000
    setFocus(false)
    fake.nowMs = 60_000
    setFocus(true)
    fake.nowMs = 61_500
    fake.pause()
    expect(values()).toEqual([['engagement', 3500]])
  })

  it('begins when a page that was opened in the background is visible and has the focus', () => {
    vi.spyOn(document, 'hidden', 'get').mockReturnValue(true)
    isFocused = false
    fake = createFakeCapture(engagement())
    fake.nowMs = 10_000
    setVisibility('visible')
    fake.nowMs = 20_000
    setFocus(true)
    fake.nowMs = 24_000
    fake.pause()
    expect(values()).toEqual([['engagement', 4000]])
  })

  it('shorter than a second is kept for the next event', () => {
    fake = createFakeCapture(engagement())
    fake.nowMs = minEngagementMs - 1
    fake.pause()
    expect(values()).toEqual([])
    fake.nowMs = minEngagementMs + 200
    fake.pause()
    expect(values()).toEqual([['engagement', minEngagementMs + 200]])
  })

  it('continues after a stay in the back/forward cache', () => {
    fake = createFakeCapture(engagement())
    fake.nowMs = 2000
    setVisibility('hidden')
    fake.pause()
    vi.spyOn(document, 'hidden', 'get').mockReturnValue(false)
    fake.nowMs = 50_000
    window.dispatchEvent(Object.assign(new Event('pageshow'), { persisted: true }))
    fake.nowMs = 53_000
    fake.pause()
    expect(values()).toEqual([
      ['engagement', 2000],
      ['engagement', 3000],
    ])
  })
})

describe('Scroll depth', () => {
  let frames: (() => void)[] = []
  let layouts = 0

  function setPage(scrollHeight: number, screenHeight = 500): void {
    vi.spyOn(document.documentElement, 'scrollHeight', 'get').mockImplementation(() => {
      layouts += 1
      return scrollHeight
    })
    vi.stubGlobal('innerHeight', screenHeight)
  }

  function scroll(y: number): void {
    vi.stubGlobal('scrollY', y)
    document.dispatchEvent(new Event('scroll'))
  }

  function runFrames(): void {
    for (const run of frames.splice(0)) run()
  }

  const depths = (): unknown[] => fake.recorded.map(({ value }) => value)

  beforeEach(() => {
    frames = []
    layouts = 0
    vi.stubGlobal('requestAnimationFrame', (run: () => void) => frames.push(run))
    vi.stubGlobal('scrollY', 0)
    setPage(2000)
  })

  it('is the lowest visible point, in percent, when the view ends', async () => {
    fake = createFakeCapture(scrollDepth())
    await fake.send({})
    runFrames()
    scroll(1000)
    runFrames()
    scroll(100)
    runFrames()
    fake.pause()
    expect(fake.recorded).toEqual([{ name: 'scroll_depth', value: 75 }])
  })

  it('is sent again only with a greater value', async () => {
    fake = createFakeCapture(scrollDepth())
    await fake.send({})
    runFrames()
    fake.pause()
    fake.pause()
    scroll(500)
    runFrames()
    fake.pause()
    expect(depths()).toEqual([25, 50])
  })

  it('is 100 on a page that fits the screen, and never more', async () => {
    setPage(400)
    fake = createFakeCapture(scrollDepth())
    await fake.send({})
    runFrames()
    scroll(80)
    runFrames()
    fake.pause()
    expect(depths()).toEqual([100])
  })

  it('begins again with each view', async () => {
    fake = createFakeCapture(scrollDepth())
    await fake.send({})
    scroll(1500)
    runFrames()
    fake.pause()
    scroll(0)
    await fake.send({})
    runFrames()
    fake.pause()
    expect(depths()).toEqual([100, 25])
  })

  it('is measured at most once per frame, and never in the event', async () => {
    fake = createFakeCapture(scrollDepth())
    await fake.send({ name: 'click' })
    for (let y = 0; y < 100; y += 1) scroll(y)
    expect([layouts, frames.length]).toEqual([0, 1])
    runFrames()
    expect(layouts).toBe(1)
  })

  it('is not sent for a page that was never measured', () => {
    fake = createFakeCapture(scrollDepth())
    fake.pause()
    expect(depths()).toEqual([])
  })
})
