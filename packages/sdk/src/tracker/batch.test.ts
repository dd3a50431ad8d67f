import { expect, it } from 'vitest'
import { cutBatch, formatBatch } from './batch.ts'
import type { QueuedEvent } from './queued-event.ts'
import { envelopeBytes } from './limits.ts'

function entry(n: number, { client = 'c', bytes = 10 } = {}): QueuedEvent {
  return { client, n, at: 0, json: '', bytes }
}

const any = (): boolean => true
const numbers = (batch: QueuedEvent[]): number[] => batch.map(({ n }) => n)

it('cutBatch: returns the oldest events up to the maximum number', () => {
  expect(numbers(cutBatch([entry(1), entry(2), entry(3)], 2, 1000, any))).toEqual([1, 2])
  expect(cutBatch([], 2, 1000, any)).toEqual([])
})

it('cutBatch: stays within the maximum size, including the envelope', () => {
  const room = 2 * 11 + envelopeBytes
  expect(numbers(cutBatch([entry(1), entry(2), entry(3)], 9, room, any))).toEqual([1, 2])
  expect(numbers(cutBatch([entry(1), entry(2), entry(3)], 9, room - 1, any))).toEqual([1])
})

it('cutBatch: puts an event above the maximum size into a batch of its own', () => {
  expect(numbers(cutBatch([entry(1, { bytes: 5000 }), entry(2)], 9, 1000, any))).toEqual([1])
})

it('cutBatch: does not mix events of different clients', () => {
  const adopted = [entry(7, { client: 'a' }), entry(8, { client: 'a' }), entry(1)]
  expect(numbers(cutBatch(adopted, 9, 1000, any))).toEqual([7, 8])
})

it('cutBatch: skips events that are not eligible', () => {
  const odd = ({ n }: QueuedEvent): boolean => n % 2 === 1
  expect(numbers(cutBatch([entry(1), entry(2), entry(3)], 9, 1000, odd))).toEqual([1, 3])
})

it('formatBatch: adds at most the envelope to the size of the events', () => {
  const body = formatBatch('f'.repeat(36), Date.UTC(9999, 0), ['{"n":1}', '{"n":2}'])
  expect(JSON.parse(body)).toEqual({
    client: 'f'.repeat(36),
    sentAt: Date.UTC(9999, 0),
    events: [{ n: 1 }, { n: 2 }],
  })
  expect(body.length - '{"n":1},{"n":2}'.length).toBeLessThanOrEqual(envelopeBytes)
  expect(JSON.parse(formatBatch('"\n', 1, []))).toMatchObject({ client: '"\n' })
})

it('formatBatch: sets `automated` only when a program controls the browser', () => {
  const body = formatBatch('f'.repeat(36), Date.UTC(9999, 0), ['{}'], true)
  expect(JSON.parse(body)).toMatchObject({ automated: true, events: [{}] })
  expect(body.length - 2).toBeLessThanOrEqual(envelopeBytes)
  expect(formatBatch('c', 1, [], false)).toBe('{"client":"c","sentAt":1,"events":[]}')
})
