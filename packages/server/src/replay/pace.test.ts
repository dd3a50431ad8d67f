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
  it('maps log time t to at + (t − t0) / speed, rounded down to a millisecond', () => {
    const pace = createPace({ clock: createClock(0), speed: 3600, at: 1_000_000, signal })
    pace.start(500_000)
    expect(pace.toReplayTime(500_000)).toBe(1_000_000)
    expect(pace.toReplayTime(500_000 + 3_600_000)).toBe(1_001_000)
    expect(pace.toReplayTime(500_000 + 1000)).toBe(1_000_000)
    expect(pace.toReplayTime(500_000 - 3_600_000)).toBe(999_000)
  })

  it('starts when the first entry is read by default', () => {
    const pace = createPace({ clock: createClock(7000), speed: 1, at: undefined, signal })
    expect(pace.startsAt()).toBeUndefined()
    pace.start(500_000)
    expect(pace.startsAt()).toBe(7000)
  })

  it('waits until a future time, and not for a past time', async () => {
    const clock = createClock(1000)
    const pace = createPace({ clock, speed: 1, at: 0, signal })
    await pace.waitUntil(1000)
    await pace.waitUntil(1)
    expect(clock.slept).toEqual([])
    await pace.waitUntil(1500)
    expect(clock.slept).toEqual([500])
  })

  it('divides a wait of months into sleeps within the range of timers', async () => {
    const clock = createClock(0)
    const pace = createPace({ clock, speed: 1, at: 0, signal })
    await pace.waitUntil(90 * 86_400_000)
    expect(Math.max(...clock.slept)).toBeLessThan(2 ** 31)
    expect(clock.now()).toBe(90 * 86_400_000)
  })
})
