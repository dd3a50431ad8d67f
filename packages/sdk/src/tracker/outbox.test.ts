import { describe, expect, it } from 'vitest'
import { maxOutboxLength, maxOutboxEvents, minAdoptionAgeMs } from './limits.ts'
import { createOutbox } from './outbox.ts'
import { maxEventAgeMs } from './protocol-values.ts'
import { createStore } from './store.ts'
import type { FakeStorage } from './testing/fake-storage.ts'
import { createFakeWorld } from './testing/fake-world.ts'

const now = 1_000_000_000

/** An outbox whose functions have names. */
interface Parts {
  storage: FakeStorage
  drops: string[]
  /** Ids in order. */
  ids(): string[]
  /** Adds an event with a number of characters. */
  add(id: string, length?: number): void
  remove(id: string): boolean
  setDurable(isDurable: boolean): void
  /** Searches for events of other pages. Returns the ids that the outbox then has. */
  adopt(): string[]
  bound(): void
  clear(): void
}

function createParts(): Parts {
  const { storage, tab } = createFakeWorld()
  const drops: string[] = []
  const [store, listNames] = createStore(tab.host, 't ')
  const [entries, add, remove, setDurable, , bound, clear] = createOutbox(
    store,
    listNames,
    'c',
    result => drops.push(result),
  )
  const ids = (): string[] => [...entries.keys()]
  return {
    ...{ storage, drops, ids, remove, setDurable, clear },
    add: (id, length = 10) => add(id, '{}'.padEnd(length)),
    adopt() {
      bound(now, true)
      return ids()
    },
    bound: () => bound(now, false),
  }
}

/** Stores an event of another page. */
function leave(storage: FakeStorage, id: string, at: number, length = 0): void {
  storage.set(`t ${id}`, JSON.stringify({ n: 1, timestamp: at, title: 'x'.repeat(length) }))
}

describe('Outbox: memory', () => {
  it('lists events oldest first until they are removed', () => {
    const { add, remove, ids, drops } = createParts()
    for (const id of ['c 1', 'c 2', 'c 3']) add(id)
    expect(remove('c 2')).toBe(true)
    expect(remove('c 2')).toBe(false)
    expect([ids(), drops]).toEqual([['c 1', 'c 3'], []])
  })

  it('moves an event that is added again to the end, and counts its bytes once', () => {
    const { add, ids } = createParts()
    for (const id of ['c 1', 'c 2', 'c 1', 'c 2', 'c 1']) add(id, maxOutboxLength / 2)
    expect(ids()).toEqual(['c 2', 'c 1'])
  })

  it('drops and reports the oldest event when it is full', () => {
    const { add, ids, drops } = createParts()
    for (let n = 1; n <= maxOutboxEvents + 3; n += 1) add(`c ${n}`)
    expect(ids()).toHaveLength(maxOutboxEvents)
    expect(ids()[0]).toBe('c 4')
    expect(drops).toEqual(['dropped', 'dropped', 'dropped'])
  })

  it('drops the oldest events above the maximum size', () => {
    const { add, remove, ids, drops } = createParts()
    for (const id of ['c 1', 'c 2', 'c 3']) add(id, maxOutboxLength / 2)
    expect([ids(), drops]).toEqual([['c 2', 'c 3'], ['dropped']])
    add('c 4', maxOutboxLength)
    expect(ids()).toEqual(['c 4'])
    // A removed event has no size any more.
    remove('c 4')
    add('c 5', maxOutboxLength)
    expect(ids()).toEqual(['c 5'])
  })

  it('drops an event that is larger than the outbox', () => {
    const { add, ids, drops } = createParts()
    add('c 1', maxOutboxLength + 1)
    expect([ids(), drops]).toEqual([[], ['dropped']])
  })
})

describe('Outbox: storage', () => {
  it('writes nothing unless it is durable', () => {
    const { add, remove, storage } = createParts()
    add('c 1')
    remove('c 1')
    expect(storage.writes).toEqual([])
  })

  it('writes one key per event and erases it with the event', () => {
    const { add, remove, setDurable, storage } = createParts()
    setDurable(true)
    add('c 1', 2)
    add('c 2')
    expect(storage.keys()).toEqual(['t c 1', 't c 2'])
    expect(storage.get('t c 1')).toBe('{}')
    remove('c 1')
    expect(storage.keys()).toEqual(['t c 2'])
  })

  it('writes earlier events when it becomes durable', () => {
    const { add, setDurable, ids, storage } = createParts()
    add('c 1')
    add('c 2')
    setDurable(true)
    expect(storage.keys()).toEqual(['t c 1', 't c 2'])
    expect(ids()).toEqual(['c 1', 'c 2'])
  })

  it('erases the keys of events that overflow', () => {
    const { add, setDurable, storage } = createParts()
    setDurable(true)
    for (let n = 1; n <= maxOutboxEvents + 3; n += 1) add(`c ${n}`)
    expect(storage.keys()).toHaveLength(maxOutboxEvents)
  })

  it('erases all events, also of other pages, when it ceases to be durable', () => {
    const { add, setDurable, ids, storage } = createParts()
    setDurable(true)
    add('c 1')
    leave(storage, 'other 1', now)
    storage.set('cart', '[]')
    storage.set('t off', '1')
    setDurable(false)
    expect(storage.keys()).toEqual(['cart', 't off'])
    expect(ids()).toEqual(['c 1'])
  })

  it('`clear` deletes everything in memory and in the storage', () => {
    const { add, setDurable, clear, ids, drops, storage } = createParts()
    setDurable(true)
    add('c 1')
    leave(storage, 'other 1', now)
    leave(storage, 'visitor', now)
    clear()
    expect([ids(), storage.keys(), drops]).toEqual([[], [], ['dropped']])
  })

  it('keeps events in memory if the storage is full', () => {
    const { add, setDurable, ids, storage } = createParts()
    storage.faults.isFull = true
    setDurable(true)
    add('c 1')
    expect([storage.keys(), ids()]).toEqual([[], ['c 1']])
  })
})

describe('Outbox: events that were left behind', () => {
  it('adopts events of other pages that are old enough, each with its client', () => {
    const { adopt, storage } = createParts()
    leave(storage, 'a 1', now - minAdoptionAgeMs - 1)
    leave(storage, 'b 7', now - minAdoptionAgeMs)
    leave(storage, 'c 1', now - minAdoptionAgeMs - 1)
    expect(adopt()).toEqual(['a 1'])
    expect(storage.keys()).toHaveLength(3)
  })

  it('adopts an event from the future, as after the clock was set back', () => {
    const { adopt, storage } = createParts()
    leave(storage, 'a 1', now + minAdoptionAgeMs + 1)
    expect(adopt()).toEqual(['a 1'])
  })

  it('adopts an event once', () => {
    const { adopt, storage } = createParts()
    leave(storage, 'a 1', now - 60_000, maxOutboxLength - 100)
    expect([adopt(), adopt()]).toEqual([['a 1'], ['a 1']])
  })

  it('adopts nothing while it only keeps the bounds', () => {
    const { bound, ids, storage } = createParts()
    leave(storage, 'a 1', now - 60_000)
    leave(storage, 'a 2', now - maxEventAgeMs - 1)
    bound()
    expect([ids(), storage.keys()]).toEqual([[], ['t a 1']])
  })

  it('deletes and reports events that are older than two days or have no time', () => {
    const { adopt, storage, drops } = createParts()
    leave(storage, 'a 1', now - maxEventAgeMs - 1)
    leave(storage, 'a 2', now - maxEventAgeMs)
    storage.set('t a 3', '{}')
    expect(adopt()).toEqual(['a 2'])
    expect(storage.keys()).toEqual(['t a 2'])
    expect(drops).toEqual(['dropped', 'dropped'])
  })

  it('deletes and reports events of the oldest page above the maximum number', () => {
    const { adopt, storage, drops } = createParts()
    for (let n = 1; n <= maxOutboxEvents; n += 1) leave(storage, `b ${n}`, now - 100_000)
    for (let n = 1; n <= 2; n += 1) leave(storage, `a ${n}`, now - 100_000)
    expect(adopt()).toHaveLength(maxOutboxEvents)
    expect(storage.keys().filter(key => key.startsWith('t a'))).toEqual([])
    expect(drops).toEqual(['dropped', 'dropped'])
  })

  it('deletes and reports events of the oldest page above the maximum size', () => {
    const { adopt, storage, drops } = createParts()
    for (const id of ['a 1', 'b 1', 'd 1'])
      leave(storage, id, now - 100_000, maxOutboxLength / 2 - 100)
    expect(adopt()).toEqual(['d 1', 'b 1'])
    expect(storage.keys()).toEqual(['t b 1', 't d 1'])
    expect(drops).toEqual(['dropped'])
  })

  it('ignores the flag, the visitor and empty values', () => {
    const { adopt, storage } = createParts()
    for (const [name, value] of Object.entries({ off: '1', visitor: 'v 2026-01-01', 'a 1': '' }))
      storage.set(`t ${name}`, value)
    expect(adopt()).toEqual([])
    expect(storage.keys()).toHaveLength(3)
  })
})
