import { describe, expect, it } from 'vitest'
import { maxOutboxBytes, maxOutboxEvents, minAdoptionAgeMs } from './limits.ts'
import { type Outbox, type QueuedEvent, byteLength, createOutbox, toEntry } from './outbox.ts'
import { maxEventAgeMs } from './protocol-values.ts'
import { createStore } from './store.ts'
import type { FakeStorage } from './testing/fake-storage.ts'
import { createFakeWorld } from './testing/fake-world.ts'

const now = 1_000_000_000

function entry(n: number, bytes = 10, client = 'c'): QueuedEvent {
  return { client, id: `${client} ${n}`, at: n, json: `{"n":${n}}`, bytes }
}

function createParts(): { outbox: Outbox; storage: FakeStorage; drops: string[] } {
  const { storage, tab } = createFakeWorld()
  const drops: string[] = []
  const outbox = createOutbox(createStore(tab.host, 't '), 'c', reason => drops.push(reason))
  return { outbox, storage, drops }
}

const ids = (outbox: Outbox): string[] => [...outbox.entries.keys()]

/** Stores an event of another page. */
function leave(storage: FakeStorage, id: string, at: number, length = 0): void {
  storage.set(`t ${id}`, JSON.stringify({ n: 1, timestamp: at, title: 'x'.repeat(length) }))
}

describe('Outbox: memory', () => {
  it('lists events oldest first until they are removed', () => {
    const { outbox, drops } = createParts()
    for (const n of [1, 2, 3]) outbox.add(entry(n))
    expect(outbox.remove(entry(2))).toBe(true)
    expect(outbox.remove(entry(2))).toBe(false)
    expect(ids(outbox)).toEqual(['c 1', 'c 3'])
    expect([outbox.bytes, drops]).toEqual([20, []])
  })

  it('moves an event that is added again to the end, and counts its bytes once', () => {
    const { outbox } = createParts()
    for (const n of [1, 2, 1]) outbox.add(entry(n))
    expect(ids(outbox)).toEqual(['c 2', 'c 1'])
    expect(outbox.bytes).toBe(20)
  })

  it('drops and reports the oldest event when it is full', () => {
    const { outbox, drops } = createParts()
    for (let n = 1; n <= maxOutboxEvents + 3; n += 1) outbox.add(entry(n))
    expect(outbox.entries.size).toBe(maxOutboxEvents)
    expect(ids(outbox)[0]).toBe('c 4')
    expect(drops).toEqual(['outbox_limit', 'outbox_limit', 'outbox_limit'])
  })

  it('drops the oldest events above the maximum size', () => {
    const { outbox, drops } = createParts()
    for (const n of [1, 2, 3]) outbox.add(entry(n, maxOutboxBytes / 2))
    expect(ids(outbox)).toEqual(['c 2', 'c 3'])
    expect(drops).toHaveLength(1)
    outbox.add(entry(4, maxOutboxBytes))
    expect(ids(outbox)).toEqual(['c 4'])
    expect(outbox.bytes).toBe(maxOutboxBytes)
  })

  it('drops an event that is larger than the outbox', () => {
    const { outbox, drops } = createParts()
    outbox.add(entry(1, maxOutboxBytes + 1))
    expect([outbox.entries.size, outbox.bytes, drops.length]).toEqual([0, 0, 1])
  })

  it('measures events in UTF-8', () => {
    expect(byteLength('aé😀')).toBe(7)
    expect(toEntry('c', 'c 1', 5, '"é"')).toEqual({
      ...{ client: 'c', id: 'c 1', at: 5, json: '"é"', bytes: 4 },
    })
  })
})

describe('Outbox: storage', () => {
  it('writes nothing unless it is durable', () => {
    const { outbox, storage } = createParts()
    outbox.add(entry(1))
    outbox.remove(entry(1))
    expect(storage.writes).toEqual([])
  })

  it('writes one key per event and erases it with the event', () => {
    const { outbox, storage } = createParts()
    outbox.setDurable(true)
    outbox.add(entry(1))
    outbox.add(entry(2))
    expect(storage.keys()).toEqual(['t c 1', 't c 2'])
    expect(storage.get('t c 1')).toBe('{"n":1}')
    outbox.remove(entry(1))
    expect(storage.keys()).toEqual(['t c 2'])
  })

  it('writes earlier events when it becomes durable', () => {
    const { outbox, storage } = createParts()
    outbox.add(entry(1))
    outbox.add(entry(2))
    outbox.setDurable(true)
    expect(storage.keys()).toEqual(['t c 1', 't c 2'])
    expect(ids(outbox)).toEqual(['c 1', 'c 2'])
  })

  it('erases the keys of events that overflow', () => {
    const { outbox, storage } = createParts()
    outbox.setDurable(true)
    for (let n = 1; n <= maxOutboxEvents + 3; n += 1) outbox.add(entry(n))
    expect(storage.keys()).toHaveLength(maxOutboxEvents)
  })

  it('erases all events, also of other pages, when it ceases to be durable', () => {
    const { outbox, storage } = createParts()
    outbox.setDurable(true)
    outbox.add(entry(1))
    leave(storage, 'other 1', now)
    storage.set('cart', '[]')
    outbox.setDurable(false)
    expect(storage.keys()).toEqual(['cart'])
    expect(ids(outbox)).toEqual(['c 1'])
  })

  it('`clear` deletes everything in memory and in the storage', () => {
    const { outbox, storage } = createParts()
    outbox.setDurable(true)
    outbox.add(entry(1))
    leave(storage, 'other 1', now)
    leave(storage, 'visitor', now)
    outbox.clear()
    expect([outbox.entries.size, outbox.bytes, storage.keys()]).toEqual([0, 0, []])
  })

  it('keeps events in memory if the storage is full', () => {
    const { outbox, storage } = createParts()
    storage.faults.isFull = true
    outbox.setDurable(true)
    outbox.add(entry(1))
    expect([storage.keys(), ids(outbox)]).toEqual([[], ['c 1']])
  })
})

describe('Outbox: events that were left behind', () => {
  it('returns events of other pages that are old enough, each with its client', () => {
    const { outbox, storage } = createParts()
    leave(storage, 'a 1', now - minAdoptionAgeMs - 1)
    leave(storage, 'b 7', now - minAdoptionAgeMs)
    leave(storage, 'c 1', now - minAdoptionAgeMs - 1)
    expect(outbox.readLeft(now)).toMatchObject([
      { client: 'a', id: 'a 1', at: now - minAdoptionAgeMs - 1 },
    ])
    expect(storage.keys()).toHaveLength(3)
  })

  it('returns an event from the future, as after the clock was set back', () => {
    const { outbox, storage } = createParts()
    leave(storage, 'a 1', now + minAdoptionAgeMs + 1)
    expect(outbox.readLeft(now)).toHaveLength(1)
  })

  it('does not return an event that it already contains', () => {
    const { outbox, storage } = createParts()
    leave(storage, 'a 1', now - 60_000)
    outbox.readLeft(now).forEach(outbox.add)
    expect(outbox.readLeft(now)).toEqual([])
    expect(ids(outbox)).toEqual(['a 1'])
  })

  it('deletes and reports events that are older than two days', () => {
    const { outbox, storage, drops } = createParts()
    leave(storage, 'a 1', now - maxEventAgeMs - 1)
    leave(storage, 'a 2', now - maxEventAgeMs)
    expect(outbox.readLeft(now)).toHaveLength(1)
    expect(storage.keys()).toEqual(['t a 2'])
    expect(drops).toEqual(['too_old'])
  })

  it('deletes and reports the oldest events above the maximum number', () => {
    const { outbox, storage, drops } = createParts()
    for (let n = 1; n <= maxOutboxEvents + 2; n += 1) leave(storage, `a ${n}`, now - 100_000 + n)
    expect(outbox.readLeft(now)).toHaveLength(maxOutboxEvents)
    expect(storage.get('t a 2')).toBeUndefined()
    expect(storage.get('t a 3')).toContain('"timestamp":')
    expect(drops).toEqual(['outbox_limit', 'outbox_limit'])
  })

  it('deletes and reports the oldest events above the maximum size', () => {
    const { outbox, storage, drops } = createParts()
    for (const n of [1, 2, 3]) leave(storage, `a ${n}`, now - 100_000 + n, maxOutboxBytes / 2 - 100)
    expect(outbox.readLeft(now)).toHaveLength(2)
    expect(storage.keys()).toEqual(['t a 2', 't a 3'])
    expect(drops).toEqual(['outbox_limit'])
  })

  it('ignores the flag, the visitor and empty values', () => {
    const { outbox, storage } = createParts()
    for (const [name, value] of Object.entries({ off: '1', visitor: 'v 2026-01-01', 'a 1': '' }))
      storage.set(`t ${name}`, value)
    expect(outbox.readLeft(now)).toEqual([])
  })
})
