import { beforeEach, describe, expect, it } from 'vitest'
import { type FakeClock, createFakeClock } from '../testing/fake-clock.ts'
import { createRandom } from '../testing/random.ts'
import { type SendResult, type ShopperBatch, createEventSender } from './event-sender.ts'
import { type ShopperPool, createShopperPool } from './shopper-pool.ts'
import { type ShopperPresence, createShopperPresence } from './presence.ts'

const minuteMs = 60_000
const startMs = 1_800_000_000_000
const origin = 'http://127.0.0.1:4711'

let clock: FakeClock
let sendResult: SendResult
let batches: ShopperBatch[]
let presence: ShopperPresence
let pool: ShopperPool

beforeEach(() => {
  clock = createFakeClock(startMs)
  sendResult = 'settled'
  batches = []
  presence = createShopperPresence(clock.now)
  pool = open(1)
})

function open(seed: number, countEarlier = (): number => 0): ShopperPool {
  const random = createRandom(seed)
  return createShopperPool({
    clock,
    random,
    origin,
    countEarlier,
    createEventSender: identity =>
      createEventSender({
        identity,
        clock,
        random,
        async sendBatch(batch) {
          if (sendResult === 'settled') {
            batches.push(batch)
            presence.record(batch.identity.visitorId, batch.events)
          }
          return sendResult
        },
      }),
  })
}

function events(): ShopperBatch['events'] {
  return batches.flatMap(batch => batch.events)
}

describe('ShopperPool', () => {
  it('fills an empty shop within a minute and keeps traffic in bounds', async () => {
    pool.open(startMs)
    await clock.advance(minuteMs)
    expect(pool.activeShoppers).toBeGreaterThan(12)
    const counts: number[] = []
    for (let minutes = 0; minutes < 60; minutes++) {
      await clock.advance(minuteMs)
      counts.push(pool.activeShoppers)
    }
    expect(Math.min(...counts)).toBeGreaterThanOrEqual(12)
    expect(Math.max(...counts)).toBeLessThanOrEqual(50)
    const perMinute = events().length / 61
    expect(perMinute).toBeGreaterThan(15)
    expect(perMinute).toBeLessThan(90)
  })

  it('counts the shoppers of an earlier start toward its target', async () => {
    const earlier = open(1, () => 27)
    earlier.open(startMs)
    await clock.advance(minuteMs)
    expect(earlier.activeShoppers).toBeLessThan(12)
    expect(earlier.activeShoppers).toBeGreaterThan(0)
  })

  it('sends the same batches for the same random numbers', async () => {
    pool.open(startMs)
    await clock.advance(5 * minuteMs)
    const first = batches
    batches = []
    clock = createFakeClock(startMs)
    open(1).open(startMs)
    await clock.advance(5 * minuteMs)
    expect(first.length).toBeGreaterThan(10)
    expect(batches).toEqual(first)
  })

  it('assigns each shopper an identity and numbers the events from 1', async () => {
    pool.open(startMs)
    await clock.advance(10 * minuteMs)
    const clients = new Map<string, number[]>()
    for (const { identity, events: batch } of batches) {
      expect(identity.visitorId).toMatch(/^simulated-\w+$/)
      expect(identity.userAgent).toMatch(/^Mozilla/)
      expect(identity.country).toMatch(/^[A-Z]{2}$/)
      const numbers = clients.get(identity.client) ?? []
      clients.set(identity.client, [...numbers, ...batch.flatMap(({ n }) => n ?? [])])
    }
    expect(clients.size).toBeGreaterThan(20)
    for (const numbers of clients.values()) {
      expect(numbers).toEqual(numbers.map((_, index) => index + 1))
    }
  })

  it('sends heartbeats during long pauses, and leave events for some shoppers', async () => {
    pool.open(startMs)
    await clock.advance(10 * minuteMs)
    const names = events().map(({ name }) => name)
    expect(names).toContain('heartbeat')
    expect(names).toContain('leave')
    expect(events().find(({ name }) => name === 'leave')?.url).toContain(origin)
  })

  it('backfills past events with past timestamps, then continues live', async () => {
    pool.open(startMs - 60 * minuteMs)
    await clock.advance(1000)
    const times = events().flatMap(({ timestamp }) => timestamp ?? [])
    expect(times.length).toBeGreaterThan(500)
    expect(Math.min(...times)).toBeLessThan(startMs - 59 * minuteMs)
    expect(Math.max(...times)).toBeLessThanOrEqual(startMs + 1000)
    expect(events().some(({ name }) => name === 'heartbeat')).toBe(false)

    const before = events().length
    await clock.advance(minuteMs)
    expect(events().length).toBeGreaterThan(before)
  })

  it('matches the count of the server soon after a backfill', async () => {
    pool.open(startMs - 60 * minuteMs)
    await clock.advance(15_000)
    expect(Math.abs(presence.count() - pool.activeShoppers)).toBeLessThanOrEqual(2)
    await clock.advance(2 * minuteMs)
    expect(Math.abs(presence.count() - pool.activeShoppers)).toBeLessThanOrEqual(2)
  })

  it('repeats leave events after a server restart', async () => {
    pool.open(startMs - 60 * minuteMs)
    await clock.advance(4 * minuteMs)
    // A server that has lost all leave events.
    const logged = presence.loggedShoppers().map(shopper => ({ ...shopper, leftAt: undefined }))
    presence = createShopperPresence(clock.now)
    presence.restore(logged)
    const staleCount = presence.count() - pool.activeShoppers
    pool.onServerRestart()
    await clock.advance(15_000)
    expect(staleCount).toBeGreaterThan(10)
    // Shoppers that closed the tab do not repeat their leave event.
    expect(presence.count() - pool.activeShoppers).toBeLessThan(staleCount * 0.6)
  })

  it('pauses arrivals while the network is down, and delivers all events afterwards', async () => {
    pool.open(startMs)
    await clock.advance(5 * minuteMs)
    sendResult = 'retry'
    await clock.advance(20 * minuteMs)
    expect(pool.activeShoppers).toBe(0)
    const before = events().length
    sendResult = 'settled'
    await clock.advance(20_000)
    expect(events().length).toBeGreaterThan(before + 40)
    const byClient = Map.groupBy(batches, ({ identity }) => identity.client)
    for (const sent of byClient.values()) {
      const numbers = sent.flatMap(({ events: batch }) => batch.flatMap(({ n }) => n ?? []))
      expect(numbers).toEqual(numbers.map((_, index) => index + 1))
    }
  })

  it('close: ends all visits and stops arrivals', async () => {
    pool.open(startMs)
    await clock.advance(5 * minuteMs)
    pool.close()
    await clock.advance(11_000)
    expect(pool.activeShoppers).toBe(0)
    expect(presence.count()).toBe(0)
    const before = batches.length
    await clock.advance(10 * minuteMs)
    expect(batches.length).toBe(before)
  })

  it('stop: sends nothing more', async () => {
    pool.open(startMs)
    await clock.advance(5 * minuteMs)
    pool.stop()
    await clock.advance(1000)
    const before = batches.length
    await clock.advance(10 * minuteMs)
    expect(batches.length).toBe(before)
  })
})
