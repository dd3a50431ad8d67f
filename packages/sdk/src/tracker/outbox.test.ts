import { expect, it } from 'vitest'
import type { QueuedEvent } from './queued-event.ts'
import { maxOutboxBytes, maxOutboxEvents } from './limits.ts'
import { type Outbox, createMemoryOutbox } from './outbox.ts'

function entry(n: number, bytes = 10): QueuedEvent {
  return { client: 'c', n, at: n, json: '', bytes }
}

function createCounted(): { outbox: Outbox; drops: () => number } {
  let drops = 0
  const outbox = createMemoryOutbox(() => {
    drops += 1
  })
  return { outbox, drops: () => drops }
}

const numbers = (outbox: Outbox): number[] => Array.from(outbox.entries(), ({ n }) => n)

it('Outbox: lists events oldest first until they are removed', () => {
  const { outbox, drops } = createCounted()
  const second = entry(2)
  for (const each of [entry(1), second, entry(3)]) outbox.add(each)
  expect(outbox.remove(second)).toBe(true)
  expect(outbox.remove(second)).toBe(false)
  expect(numbers(outbox)).toEqual([1, 3])
  expect([outbox.size, outbox.bytes, drops()]).toEqual([2, 20, 0])
})

it('Outbox: drops and reports the oldest event when it is full', () => {
  const { outbox, drops } = createCounted()
  for (let n = 1; n <= maxOutboxEvents + 3; n += 1) outbox.add(entry(n))
  expect(outbox.size).toBe(maxOutboxEvents)
  expect(numbers(outbox)[0]).toBe(4)
  expect(drops()).toBe(3)
})

it('Outbox: drops the oldest events above the maximum size', () => {
  const { outbox, drops } = createCounted()
  for (const n of [1, 2, 3]) outbox.add(entry(n, maxOutboxBytes / 2))
  expect(numbers(outbox)).toEqual([2, 3])
  expect(drops()).toBe(1)
  outbox.add(entry(4, maxOutboxBytes))
  expect(numbers(outbox)).toEqual([4])
  expect(outbox.bytes).toBe(maxOutboxBytes)
})

it('Outbox: drops an event that is larger than the outbox', () => {
  const { outbox, drops } = createCounted()
  outbox.add(entry(1, maxOutboxBytes + 1))
  expect([outbox.size, outbox.bytes, drops()]).toEqual([0, 0, 1])
})

it('Outbox: drops events older than a given time', () => {
  const { outbox, drops } = createCounted()
  for (const n of [1, 2, 3]) outbox.add(entry(n))
  outbox.expire(3)
  expect(numbers(outbox)).toEqual([3])
  expect(drops()).toBe(2)
})
