import { beforeEach, describe, expect, it } from 'vitest'
import { type FakeClock, createFakeClock } from '../testing/fake-clock.ts'
import { createRandom } from '../testing/random.ts'
import { type Delivery, type Parcel, createCourier } from './courier.ts'
import { type Crowd, createCrowd } from './crowd.ts'
import { type TakenPresence, createTakenPresence } from './presence.ts'

const minute = 60_000
const start = 1_800_000_000_000
const origin = 'http://127.0.0.1:4711'

let clock: FakeClock
let network: Delivery
let parcels: Parcel[]
let taken: TakenPresence
let crowd: Crowd

beforeEach(() => {
  clock = createFakeClock(start)
  network = 'decided'
  parcels = []
  taken = createTakenPresence(clock.now)
  crowd = open(1)
})

function open(seed: number): Crowd {
  const random = createRandom(seed)
  return createCrowd({
    clock,
    random,
    origin,
    createCourier: sender =>
      createCourier({
        sender,
        clock,
        random,
        async post(parcel) {
          if (network === 'decided') {
            parcels.push(parcel)
            taken.take(parcel.sender.visitorId, parcel.events)
          }
          return network
        },
      }),
  })
}

function events(): Parcel['events'] {
  return parcels.flatMap(parcel => parcel.events)
}

describe('a crowd', () => {
  it('fills a shop that opens within a minute, and keeps it alive and not frantic', async () => {
    crowd.open(start)
    await clock.pass(minute)
    expect(crowd.present).toBeGreaterThan(12)
    const counts: number[] = []
    for (let each = 0; each < 60; each++) {
      await clock.pass(minute)
      counts.push(crowd.present)
    }
    expect(Math.min(...counts)).toBeGreaterThanOrEqual(12)
    expect(Math.max(...counts)).toBeLessThanOrEqual(50)
    const perMinute = events().length / 61
    expect(perMinute).toBeGreaterThan(15)
    expect(perMinute).toBeLessThan(90)
  })

  it('does the same for the same random numbers', async () => {
    crowd.open(start)
    await clock.pass(5 * minute)
    const first = parcels
    parcels = []
    clock = createFakeClock(start)
    open(1).open(start)
    await clock.pass(5 * minute)
    expect(first.length).toBeGreaterThan(10)
    expect(parcels).toEqual(first)
  })

  it('gives each shopper a client, an id, a browser and a country, and counts events from 1', async () => {
    crowd.open(start)
    await clock.pass(10 * minute)
    const clients = new Map<string, number[]>()
    for (const { sender, events: batch } of parcels) {
      expect(sender.visitorId).toMatch(/^simulated-\w+$/)
      expect(sender.userAgent).toMatch(/^Mozilla/)
      expect(sender.country).toMatch(/^[A-Z]{2}$/)
      const numbers = clients.get(sender.client) ?? []
      clients.set(sender.client, [...numbers, ...batch.flatMap(({ n }) => n ?? [])])
    }
    expect(clients.size).toBeGreaterThan(20)
    for (const numbers of clients.values()) {
      expect(numbers).toEqual(numbers.map((_, index) => index + 1))
    }
  })

  it('beats the heart of who reads for long, and says goodbye for some', async () => {
    crowd.open(start)
    await clock.pass(10 * minute)
    const names = events().map(({ name }) => name)
    expect(names).toContain('heartbeat')
    expect(names).toContain('leave')
    expect(events().find(({ name }) => name === 'leave')?.url).toContain(origin)
  })

  it('makes up the past in a moment, with its own times, and goes on from there', async () => {
    crowd.open(start - 60 * minute)
    await clock.pass(1000)
    const times = events().flatMap(({ timestamp }) => timestamp ?? [])
    expect(times.length).toBeGreaterThan(500)
    expect(Math.min(...times)).toBeLessThan(start - 59 * minute)
    expect(Math.max(...times)).toBeLessThanOrEqual(start + 1000)
    expect(events().some(({ name }) => name === 'heartbeat')).toBe(false)

    const before = events().length
    await clock.pass(minute)
    expect(events().length).toBeGreaterThan(before)
  })

  it('is counted by the server as it counts itself, soon after a past was made up', async () => {
    crowd.open(start - 60 * minute)
    await clock.pass(15_000)
    expect(Math.abs(taken.count() - crowd.present)).toBeLessThanOrEqual(2)
    await clock.pass(2 * minute)
    expect(Math.abs(taken.count() - crowd.present)).toBeLessThanOrEqual(2)
  })

  it('sends home again whom a server that has started again takes for present', async () => {
    crowd.open(start - 60 * minute)
    await clock.pass(4 * minute)
    taken.forgetSignals()
    const ghosts = taken.count() - crowd.present
    crowd.serverRestarted()
    await clock.pass(15_000)
    expect(ghosts).toBeGreaterThan(10)
    // Those who had closed the tab do not come back to say so.
    expect(taken.count() - crowd.present).toBeLessThan(ghosts * 0.6)
  })

  it('stops to come while nothing can be delivered, and loses nothing of what was done', async () => {
    crowd.open(start)
    await clock.pass(5 * minute)
    network = 'failed'
    await clock.pass(20 * minute)
    expect(crowd.present).toBe(0)
    const before = events().length
    network = 'decided'
    await clock.pass(20_000)
    expect(events().length).toBeGreaterThan(before + 40)
    const byClient = Map.groupBy(parcels, ({ sender }) => sender.client)
    for (const sent of byClient.values()) {
      const numbers = sent.flatMap(({ events: batch }) => batch.flatMap(({ n }) => n ?? []))
      expect(numbers).toEqual(numbers.map((_, index) => index + 1))
    }
  })

  it('leaves when it is closed, and nobody comes any more', async () => {
    crowd.open(start)
    await clock.pass(5 * minute)
    crowd.close()
    await clock.pass(11_000)
    expect(crowd.present).toBe(0)
    expect(taken.count()).toBe(0)
    const before = parcels.length
    await clock.pass(10 * minute)
    expect(parcels.length).toBe(before)
  })

  it('does nothing at all after it was stopped', async () => {
    crowd.open(start)
    await clock.pass(5 * minute)
    crowd.stop()
    await clock.pass(1000)
    const before = parcels.length
    await clock.pass(10 * minute)
    expect(parcels.length).toBe(before)
  })
})
