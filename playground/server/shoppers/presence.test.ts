import { beforeEach, describe, expect, it } from 'vitest'
import { type ShopperPresence, createShopperPresence } from './presence.ts'

const minuteMs = 60_000
let now = 0
let presence: ShopperPresence

beforeEach(() => {
  now = 100 * minuteMs
  presence = createShopperPresence(() => now)
})

describe('ShopperPresence', () => {
  it('counts a shopper for five minutes after the last event or heartbeat', () => {
    presence.record('a', [{ name: 'page_view', timestamp: now }])
    presence.record('b', [{ name: 'page_view', timestamp: now }])
    now += 3 * minuteMs
    presence.record('b', [{ name: 'heartbeat' }])
    expect(presence.count()).toBe(2)
    now += 2 * minuteMs
    expect(presence.count()).toBe(1)
    now += 3 * minuteMs
    expect(presence.count()).toBe(0)
  })

  it('counts a shopper for ten seconds after a leave event without a later event', () => {
    presence.record('a', [{ name: 'page_view' }, { name: 'leave' }])
    presence.record('b', [{ name: 'page_view' }, { name: 'leave' }])
    now += 5000
    presence.record('b', [{ name: 'page_view' }])
    expect(presence.count()).toBe(2)
    now += 5000
    expect(presence.count()).toBe(1)
  })

  it('ignores events outside the activity window', () => {
    presence.record('a', [{ name: 'page_view', timestamp: now - 5 * minuteMs }])
    presence.record('b', [{ name: 'leave' }])
    expect(presence.count()).toBe(0)
    presence.record('a', [{ name: 'page_view', timestamp: now - 4 * minuteMs }])
    expect(presence.count()).toBe(1)
  })

  it('discardHeartbeats: counts only shoppers that the log proves active', () => {
    presence.record('left', [{ name: 'page_view' }, { name: 'leave' }])
    presence.record('beating', [{ name: 'page_view' }])
    now += minuteMs
    presence.record('beating', [{ name: 'heartbeat' }])
    expect(presence.count()).toBe(1)
    presence.discardHeartbeats()
    expect(presence.count()).toBe(1)
    now += 4 * minuteMs
    expect(presence.count()).toBe(0)
  })

  it('does not count a shopper again because of a repeated leave event', () => {
    presence.record('left', [{ name: 'page_view' }, { name: 'leave' }])
    now += 30_000
    presence.discardHeartbeats()
    presence.record('left', [{ name: 'leave' }])
    expect(presence.count()).toBe(0)
    expect(presence.loggedShoppers()).toHaveLength(1)
  })

  it('restore: continues with logged shoppers inside the activity window', () => {
    presence.record('old', [{ name: 'page_view', url: 'http://shop/a' }])
    now += 3 * minuteMs
    presence.record('old', [{ name: 'heartbeat', url: 'http://shop/a' }])
    presence.record('new', [{ name: 'page_view', url: 'http://shop/b' }])
    presence.record('left', [{ name: 'page_view', url: 'http://shop/c' }, { name: 'leave' }])
    const logged = presence.loggedShoppers()
    expect(logged).toEqual([
      { visitorId: 'old', url: 'http://shop/a', loggedAt: now - 3 * minuteMs },
      { visitorId: 'new', url: 'http://shop/b', loggedAt: now },
      { visitorId: 'left', url: 'http://shop/c', loggedAt: now, leftAt: now },
    ])

    now += 2 * minuteMs
    const next = createShopperPresence(() => now)
    next.restore(logged)
    expect(next.count()).toBe(1)
    expect(next.loggedShoppers()).toEqual(logged.slice(1))
    next.record('new', [{ name: 'leave', url: 'http://shop/b' }])
    now += 10_000
    expect(next.count()).toBe(0)
  })
})
