import { beforeEach, describe, expect, it } from 'vitest'
import { type FakeClock, createFakeClock } from '../testing/fake-clock.ts'
import { type Courier, type Delivery, type Parcel, createCourier } from './courier.ts'

const sender = { client: 'c', visitorId: 'v', userAgent: 'a browser', country: 'NO' }
const event = (name: string): { name: string } => ({ name })

let clock: FakeClock
let sent: Parcel[]
let network: Delivery
let courier: Courier

beforeEach(() => {
  clock = createFakeClock(0)
  sent = []
  network = 'decided'
  courier = createCourier({
    sender,
    clock,
    random: () => 0.5,
    async post(parcel) {
      sent.push(parcel)
      return network
    },
  })
})

/** Name and number of each event, by batch. */
function batches(): string[][] {
  return sent.map(({ events }) => events.map(({ name, n }) => `${name}${n ?? ''}`))
}

describe('a courier', () => {
  it('numbers events and sends those that come together as one batch', async () => {
    courier.add(event('a'))
    courier.add(event('b'))
    expect(courier.isBehind).toBe(true)
    await clock.pass(1000)
    courier.add(event('c'))
    await clock.pass(1000)
    expect(batches()).toEqual([['a1', 'b2'], ['c3']])
    expect(sent[0]?.sender).toBe(sender)
    expect(courier.isBehind).toBe(false)
  })

  it('sends the same events under the same numbers until they are taken', async () => {
    network = 'failed'
    courier.add(event('a'))
    await clock.pass(2000)
    courier.add(event('b'))
    await clock.pass(60_000)
    const tries = sent.length
    expect(tries).toBeGreaterThan(5)
    expect(tries).toBeLessThan(20)
    network = 'decided'
    await clock.pass(10_000)
    expect(batches()[0]).toEqual(['a1'])
    expect(batches().at(-1)).toEqual(['a1', 'b2'])
    expect(sent).toHaveLength(tries + 1)
    expect(courier.isBehind).toBe(false)
  })

  it('sends what came during a request afterwards', async () => {
    const { promise, resolve } = Promise.withResolvers<Delivery>()
    const slow = createCourier({
      sender,
      clock,
      random: () => 0.5,
      post(parcel) {
        sent.push(parcel)
        return promise
      },
    })
    slow.add(event('a'))
    await clock.pass(1000)
    slow.add(event('b'))
    await clock.pass(1000)
    expect(batches()).toEqual([['a1']])
    resolve('decided')
    await clock.pass(1000)
    expect(batches()).toEqual([['a1'], ['b2']])
  })

  it('sends a heartbeat without a number, once, and none while events wait', async () => {
    courier.beat(event('heartbeat'))
    expect(batches()).toEqual([['heartbeat']])
    network = 'failed'
    courier.add(event('a'))
    courier.beat(event('heartbeat'))
    await clock.pass(100)
    expect(batches()).toEqual([['heartbeat'], ['a1']])
  })

  it('sends a leave after the events that were before it', async () => {
    network = 'failed'
    courier.add(event('a'))
    courier.leave(event('leave'))
    await clock.pass(3000)
    expect(batches().flat()).not.toContain('leave')
    network = 'decided'
    await clock.pass(10_000)
    expect(batches().slice(-2)).toEqual([['a1'], ['leave']])
  })
})
