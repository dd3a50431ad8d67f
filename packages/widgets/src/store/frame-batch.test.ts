import { expect, it } from 'vitest'
import { type FrameTimers, createFrameBatch } from './frame-batch.ts'

interface FakePage extends FrameTimers {
  isPageHidden: boolean
  frames: Map<number, () => void>
  timers: Map<unknown, { run: () => void; delayMs: number }>
}

function fakePage(): FakePage {
  const frames = new Map<number, () => void>()
  const timers = new Map<unknown, { run: () => void; delayMs: number }>()
  let id = 0
  const page: FakePage = {
    isPageHidden: false,
    frames,
    timers,
    requestAnimationFrame(run) {
      frames.set(++id, run)
      return id
    },
    cancelAnimationFrame: frame => void frames.delete(frame),
    setTimeout(run, delayMs) {
      timers.set(++id, { run, delayMs })
      return id
    },
    clearTimeout: timer => void timers.delete(timer),
    isHidden: () => page.isPageHidden,
  }
  return page
}

function runAll(runs: Iterable<() => void>): void {
  for (const run of [...runs]) run()
}

it('FrameBatch: runs once per frame for many calls', () => {
  const page = fakePage()
  let count = 0
  const batch = createFrameBatch(() => count++, page)
  for (let i = 0; i < 100; i++) batch.schedule()
  expect(count).toBe(0)
  expect(page.frames.size).toBe(1)
  runAll(page.frames.values())
  expect(count).toBe(1)
  expect(page.timers.size).toBe(0)
})

it('FrameBatch: runs again in a later frame', () => {
  const page = fakePage()
  let count = 0
  const batch = createFrameBatch(() => count++, page)
  batch.schedule()
  runAll(page.frames.values())
  batch.schedule()
  runAll(page.frames.values())
  expect(count).toBe(2)
})

it('FrameBatch: uses a timer while the page is hidden', () => {
  const page = fakePage()
  page.isPageHidden = true
  let count = 0
  createFrameBatch(() => count++, page).schedule()
  expect(page.frames.size).toBe(0)
  runAll([...page.timers.values()].map(timer => timer.run))
  expect(count).toBe(1)
})

it('FrameBatch: falls back to a timer when the page is hidden before the frame', () => {
  const page = fakePage()
  let count = 0
  createFrameBatch(() => count++, page).schedule()
  expect([...page.timers.values()].map(timer => timer.delayMs)).toEqual([250])
  runAll([...page.timers.values()].map(timer => timer.run))
  expect(count).toBe(1)
  expect(page.frames.size).toBe(0)
})

it('FrameBatch: uses a timer outside a browser', () => {
  const page = fakePage()
  page.requestAnimationFrame = undefined
  let count = 0
  createFrameBatch(() => count++, page).schedule()
  runAll([...page.timers.values()].map(timer => timer.run))
  expect(count).toBe(1)
})

it('FrameBatch: does not run after `cancel`', () => {
  const page = fakePage()
  const batch = createFrameBatch(() => expect.unreachable(), page)
  batch.schedule()
  batch.cancel()
  expect(page.frames.size + page.timers.size).toBe(0)
})
