import { describe, expect, it } from 'vitest'
import { createPace } from './pace.ts'

function createClock(start: number) {
  const slept: number[] = []
  let now = start
  return {
    slept,
    now: () => now,
    async sleep(ms: number) {
      slept.push(ms)
      now += ms
    },
  }
}

const { signal } = new AbortController()

describe('createPace', () => {
  it('maps log time t to at + (t − t0) / speed, to the millisecond below', () => {
    const pace = createPace({ clock: createClock(0), speed: 3600, at: 1_000_000, signal })
    pace.start(500_000)
    expect(pace.toReplayTime(500_000)).toBe(1_000_000)
    expect(pace.toReplayTime(500_000 + 3_600_000)).toBe(1_001_000)
    expect(pace.toReplayTime(500_000 + 1000)).toBe(1_000_000)
    expect(pace.toReplayTime(500_000 - 3_600_000)).toBe(999_000)
  })

  it('begins when the first entry is read, if nothing else was said', () => {
    const pace = createPace({ clock: createClock(7000), speed: 1, at: undefined, signal })
    expect(pace.startsAt()).toBeUndefined()
    pace.start(500_000)
    expect(pace.startsAt()).toBe(7000)
  })

  it('waits until a time has come, and not at all for one that has passed', async () => {
    const clock = createClock(1000)
    const pace = createPace({ clock, speed: 1, at: 0, signal })
    await pace.waitUntil(1000)
    await pace.waitUntil(1)
    expect(clock.slept).toEqual([])
    await pace.waitUntil(1500)
    expect(clock.slept).toEqual([500])
  })

  it('waits for months in sleeps that timers can count', async () => {
    const clock = createClock(0)
    const pace = createPace({ clock, speed: 1, at: 0, signal })
    await pace.waitUntil(90 * 86_400_000)
    expect(Math.max(...clock.slept)).toBeLessThan(2 ** 31)
    expect(clock.now()).toBe(90 * 86_400_000)
  })
})
