import { expect, it } from 'vitest'
import { type FrameTimers, createFrameBatch } from './frame-batch.ts'

interface FakePage extends FrameTimers {
  isPageHidden: boolean
  time: number
  frames: Map<number, (startedAt: number) => void>
  timers: Map<unknown, { run: () => void; delayMs: number }>
}

function fakePage(): FakePage {
  const frames = new Map<number, (startedAt: number) => void>()
  const timers = new Map<unknown, { run: () => void; delayMs: number }>()
  let id = 0
  const page: FakePage = {
    isPageHidden: false,
    time: 1000,
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
    now: () => page.time,
    isHidden: () => page.isPageHidden,
  }
  return page
}

function runAll(runs: Iterable<() => void>): void {
  for (const run of [...runs]) run()
}

/** Runs the requested animation frames at a time. */
function runFrames(page: FakePage, startedAt: number): void {
  page.time = startedAt
  const runs = [...page.frames.values()]
  page.frames.clear()
  for (const run of runs) run(startedAt)
}

it('FrameBatch: runs once per frame for many calls', () => {
  const page = fakePage()
  let count = 0
  const batch = createFrameBatch(() => count++, page)
  for (let i = 0; i < 100; i++) batch.schedule()
  expect(count).toBe(0)
  expect(page.frames.size).toBe(1)
  runFrames(page, page.time + 16)
  expect(count).toBe(1)
  expect(page.timers.size).toBe(0)
})

it('FrameBatch: runs again in a later frame', () => {
  const page = fakePage()
  let count = 0
  const batch = createFrameBatch(() => count++, page)
  batch.schedule()
  runFrames(page, page.time + 16)
  batch.schedule()
  runFrames(page, page.time + 16)
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

it('FrameBatch: pauses after a late frame, for a multiple of its length', () => {
  const page = fakePage()
  let count = 0
  const batch = createFrameBatch(() => count++, page)
  batch.schedule()
  runFrames(page, 1000)
  runFrames(page, 1040)
  batch.schedule()
  batch.schedule()
  expect(page.frames.size).toBe(0)
  expect([...page.timers.values()].map(timer => timer.delayMs)).toEqual([480])
  const [pause] = page.timers.values()
  page.timers.clear()
  pause?.run()
  runFrames(page, 1520)
  expect(count).toBe(2)
})

it('FrameBatch: pauses for at most two seconds', () => {
  const page = fakePage()
  const batch = createFrameBatch(() => undefined, page)
  batch.schedule()
  runFrames(page, 1000)
  runFrames(page, 9000)
  batch.schedule()
  expect([...page.timers.values()].map(timer => timer.delayMs)).toEqual([2000])
})

it('FrameBatch: does not pause when the pause is over before the next call', () => {
  const page = fakePage()
  const batch = createFrameBatch(() => undefined, page)
  batch.schedule()
  runFrames(page, 1000)
  runFrames(page, 1040)
  page.time = 1600
  batch.schedule()
  expect(page.frames.size).toBe(1)
})

it('FrameBatch: a frame requested before the late frame ended waits for the end of the pause', () => {
  const page = fakePage()
  let count = 0
  const batch = createFrameBatch(() => count++, page)
  batch.schedule()
  runFrames(page, 1000)
  batch.schedule()
  runFrames(page, 1040)
  expect(count).toBe(1)
  expect([...page.timers.values()].map(timer => timer.delayMs)).toEqual([480])
})

it('FrameBatch: pauses when a visible page has no frame in time', () => {
  const page = fakePage()
  const batch = createFrameBatch(() => undefined, page)
  batch.schedule()
  runAll([...page.timers.values()].map(timer => timer.run))
  batch.schedule()
  expect(page.frames.size).toBe(0)
  expect([...page.timers.values()].map(timer => timer.delayMs)).toEqual([2000])
})
