import { beforeEach, describe, expect, it } from 'vitest'
import { type FakeClock, createFakeClock } from '../testing/fake-clock.ts'
import {
  type EventSender,
  type SendResult,
  type ShopperBatch,
  createEventSender,
} from './event-sender.ts'

const identity = { client: 'c', visitorId: 'v', userAgent: 'a browser', country: 'NO' }
const event = (name: string): { name: string } => ({ name })

let clock: FakeClock
let sent: ShopperBatch[]
let sendResult: SendResult
let eventSender: EventSender

beforeEach(() => {
  clock = createFakeClock(0)
  sent = []
  sendResult = 'settled'
  eventSender = createEventSender({
    identity,
    clock,
    random: () => 0.5,
    async sendBatch(batch) {
      sent.push(batch)
      return sendResult
    },
  })
})

/** Name and number of each event, by batch. */
function batches(): string[][] {
  return sent.map(({ events }) => events.map(({ name, n }) => `${name}${n ?? ''}`))
}

describe('EventSender', () => {
  it('numbers events and combines events in quick succession into one batch', async () => {
    eventSender.enqueue(event('a'))
    eventSender.enqueue(event('b'))
    expect(eventSender.hasPendingEvents).toBe(true)
    await clock.advance(1000)
    eventSender.enqueue(event('c'))
    await clock.advance(1000)
    expect(batches()).toEqual([['a1', 'b2'], ['c3']])
    expect(sent[0]?.identity).toBe(identity)
    expect(eventSender.hasPendingEvents).toBe(false)
  })

  it('retries events with the same numbers until the server accepts them', async () => {
    sendResult = 'retry'
    eventSender.enqueue(event('a'))
    await clock.advance(2000)
    eventSender.enqueue(event('b'))
    await clock.advance(60_000)
    const tries = sent.length
    expect(tries).toBeGreaterThan(5)
    expect(tries).toBeLessThan(20)
    sendResult = 'settled'
    await clock.advance(10_000)
    expect(batches()[0]).toEqual(['a1'])
    expect(batches().at(-1)).toEqual(['a1', 'b2'])
    expect(sent).toHaveLength(tries + 1)
    expect(eventSender.hasPendingEvents).toBe(false)
  })

  it('sends events that arrive during a request in the next batch', async () => {
    const { promise, resolve } = Promise.withResolvers<SendResult>()
    const slow = createEventSender({
      identity,
      clock,
      random: () => 0.5,
      sendBatch(batch) {
        sent.push(batch)
        return promise
      },
    })
    slow.enqueue(event('a'))
    await clock.advance(1000)
    slow.enqueue(event('b'))
    await clock.advance(1000)
    expect(batches()).toEqual([['a1']])
    resolve('settled')
    await clock.advance(1000)
    expect(batches()).toEqual([['a1'], ['b2']])
  })

  it('sends a heartbeat once, without a number, and drops it while events are pending', async () => {
    eventSender.sendHeartbeat(event('heartbeat'))
    expect(batches()).toEqual([['heartbeat']])
    sendResult = 'retry'
    eventSender.enqueue(event('a'))
    eventSender.sendHeartbeat(event('heartbeat'))
    await clock.advance(100)
    expect(batches()).toEqual([['heartbeat'], ['a1']])
  })

  it('sends a leave event after all pending events', async () => {
    sendResult = 'retry'
    eventSender.enqueue(event('a'))
    eventSender.sendLeave(event('leave'))
    await clock.advance(3000)
    expect(batches().flat()).not.toContain('leave')
    sendResult = 'settled'
    await clock.advance(10_000)
    expect(batches().slice(-2)).toEqual([['a1'], ['leave']])
  })
})
