import { beforeEach, describe, expect, it } from 'vitest'
import { type TakenPresence, createTakenPresence } from './presence.ts'

const minute = 60_000
let now = 0
let presence: TakenPresence

beforeEach(() => {
  now = 100 * minute
  presence = createTakenPresence(() => now)
})

describe('the presence of shoppers at the server', () => {
  it('lasts five minutes from the last event or heartbeat', () => {
    presence.take('a', [{ name: 'page_view', timestamp: now }])
    presence.take('b', [{ name: 'page_view', timestamp: now }])
    now += 3 * minute
    presence.take('b', [{ name: 'heartbeat' }])
    expect(presence.count()).toBe(2)
    now += 2 * minute
    expect(presence.count()).toBe(1)
    now += 3 * minute
    expect(presence.count()).toBe(0)
  })

  it('ends ten seconds after a leave, unless something happens', () => {
    presence.take('a', [{ name: 'page_view' }, { name: 'leave' }])
    presence.take('b', [{ name: 'page_view' }, { name: 'leave' }])
    now += 5000
    presence.take('b', [{ name: 'page_view' }])
    expect(presence.count()).toBe(2)
    now += 5000
    expect(presence.count()).toBe(1)
  })

  it('begins with no event that is history', () => {
    presence.take('a', [{ name: 'page_view', timestamp: now - 5 * minute }])
    presence.take('b', [{ name: 'leave' }])
    expect(presence.count()).toBe(0)
    presence.take('a', [{ name: 'page_view', timestamp: now - 4 * minute }])
    expect(presence.count()).toBe(1)
  })

  it('is what the log says after the server has started again', () => {
    presence.take('left', [{ name: 'page_view' }, { name: 'leave' }])
    presence.take('beating', [{ name: 'page_view' }])
    now += minute
    presence.take('beating', [{ name: 'heartbeat' }])
    expect(presence.count()).toBe(1)
    presence.forgetSignals()
    expect(presence.count()).toBe(2)
    now += 4 * minute
    expect(presence.count()).toBe(0)
  })

  it('goes on after a start of the playground with what the log holds, and with nothing older', () => {
    presence.take('old', [{ name: 'page_view', url: 'http://shop/a' }])
    now += 3 * minute
    presence.take('old', [{ name: 'heartbeat', url: 'http://shop/a' }])
    presence.take('new', [{ name: 'page_view', url: 'http://shop/b' }, { name: 'leave' }])
    const kept = presence.inLog()
    expect(kept).toEqual([
      { visitorId: 'old', url: 'http://shop/a', loggedAt: now - 3 * minute },
      { visitorId: 'new', url: 'http://shop/b', loggedAt: now },
    ])

    now += 2 * minute
    const next = createTakenPresence(() => now)
    next.restore(kept)
    expect(next.count()).toBe(1)
    next.take('new', [{ name: 'leave', url: 'http://shop/b' }])
    now += 10_000
    expect(next.count()).toBe(0)
  })
})
