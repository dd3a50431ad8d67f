import { expect, it } from 'vitest'
import { type ClockPage, createClock } from './clock.ts'

interface FakePage extends ClockPage {
  time: number
  isPageHidden: boolean
  readonly timers: ReadonlyMap<unknown, () => void>
  readonly listeners: ReadonlySet<() => void>
  pass(ms: number): void
  hide(isHidden: boolean): void
}

function fakePage(): FakePage {
  const timers = new Map<unknown, () => void>()
  const listeners = new Set<() => void>()
  let id = 0
  const page: FakePage = {
    time: 1000,
    isPageHidden: false,
    timers,
    listeners,
    now: () => page.time,
    setInterval: run => {
      timers.set(++id, run)
      return id
    },
    clearInterval: timer => void timers.delete(timer),
    isHidden: () => page.isPageHidden,
    onVisibilityChange: run => {
      listeners.add(run)
      return () => void listeners.delete(run)
    },
    pass(ms: number) {
      page.time += ms
      for (const run of timers.values()) run()
    },
    hide(isHidden: boolean) {
      page.isPageHidden = isHidden
      for (const run of listeners) run()
    },
  }
  return page
}

it('Clock: runs one timer for all users, and none without users', () => {
  const page = fakePage()
  const clock = createClock(page)
  expect(page.timers.size).toBe(0)
  const releases = [clock.use(), clock.use()]
  expect(page.timers.size).toBe(1)
  page.pass(1000)
  expect(clock.now.value).toBe(2000)
  releases[0]?.()
  releases[0]?.()
  expect(page.timers.size).toBe(1)
  releases[1]?.()
  expect([page.timers.size, page.listeners.size]).toEqual([0, 0])
})

it('Clock: is correct at once when used again after a pause', () => {
  const page = fakePage()
  const clock = createClock(page)
  clock.use()()
  page.time = 99_000
  clock.use()
  expect(clock.now.value).toBe(99_000)
})

it('Clock: stops while the page is hidden, and is correct at once when it is visible again', () => {
  const page = fakePage()
  const clock = createClock(page)
  clock.use()
  page.hide(true)
  expect(page.timers.size).toBe(0)
  page.time = 60_000
  page.hide(false)
  expect(clock.now.value).toBe(60_000)
  expect(page.timers.size).toBe(1)
})
