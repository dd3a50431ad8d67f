import { beforeEach, describe, expect, it } from 'vitest'
import { type FrameNumbers, createFrameCounter } from './frame-numbers.ts'
import { type PageSlots, createPageSlots } from './page-slots.ts'
import { type Slot, watchedMs } from './slot.ts'

const now = 1_000_000
const visitors = new Map<string, number>()
let observe: (path: string, visitors: number) => void
let numbers: FrameNumbers

beforeEach(() => {
  visitors.clear()
  numbers = createFrameCounter()()
  while (numbers.last < 7) numbers.next()
})

function createSlots(maxUnread?: number): PageSlots {
  const source = {
    countedPathOf: (path: string) => path.replace(/(?!^)\/$/, ''),
    visitorsOf: (path: string) => visitors.get(path) ?? 0,
    observePages: (listener: typeof observe) => void (observe = listener),
  }
  return createPageSlots(source, numbers, maxUnread)
}

/** Changes the visitors of a page, and announces the number before it. */
function change(path: string, count: number): void {
  observe(path, visitors.get(path) ?? 0)
  visitors.set(path, count)
}

function openOne(slots: PageSlots, path: string, at: number = now): Slot {
  const [slot] = slots.open([path], at)
  if (!slot) throw new Error(`There is no slot for ${path}.`)
  return slot
}

const valuesOf = (slots: PageSlots) =>
  slots
    .takeChanges()
    .map(([{ rowKey, value, json }, { patch }]) => ({ rowKey, value, json, patch }))

describe('createPageSlots', () => {
  it('opens one slot for each page, at its published number and the head', () => {
    visitors.set('/a', 3)
    const slots = createSlots()
    expect(slots.isTracking).toBe(false)
    const [a, b, again] = slots.open(['/a', '/b', '/a'], now)
    expect(a).toMatchObject({ rowKey: '/a', value: 3, json: '{"path":"/a","visitors":3}', seq: 7 })
    expect(b).toMatchObject({ rowKey: '/b', value: 0 })
    expect(again).toBe(a)
    expect(slots.isTracking).toBe(true)
  })

  it('has a slot for each path of one page, with the number of the page', () => {
    visitors.set('/a', 3)
    const slots = createSlots()
    const [plain, slash] = slots.open(['/a', '/a/'], now)
    expect(plain).toMatchObject({ rowKey: '/a', value: 3 })
    expect(slash).toMatchObject({ rowKey: '/a/', json: '{"path":"/a/","visitors":3}' })
    change('/a', 4)
    expect(valuesOf(slots).map(({ rowKey, value }) => [rowKey, value])).toEqual([
      ['/a', 4],
      ['/a/', 4],
    ])
    change('/a', 5)
    slots.sweep(now + watchedMs)
    expect(valuesOf(slots)).toEqual([])
  })

  it('returns the changes since the last call, of pages with a slot only', () => {
    const slots = createSlots()
    openOne(slots, '/a')
    change('/a', 1)
    change('/a', 2)
    change('/other', 5)
    const row = { path: '/a', visitors: 2 }
    expect(valuesOf(slots)).toEqual([
      { rowKey: '/a', value: 2, json: JSON.stringify(row), patch: row },
    ])
    expect(valuesOf(slots)).toEqual([])
  })

  it('returns no change for a number that has come back', () => {
    const slots = createSlots()
    openOne(slots, '/a')
    change('/a', 1)
    change('/a', 0)
    expect(valuesOf(slots)).toEqual([])
  })

  it('opens a page that has changed since the last frame at its number before', () => {
    const slots = createSlots()
    openOne(slots, '/a')
    change('/b', 4)
    expect(openOne(slots, '/b').value).toBe(0)
    expect(valuesOf(slots)).toMatchObject([{ rowKey: '/b', value: 4 }])
  })

  it('drops a slot without readers after its time, and one with a room never', () => {
    const slots = createSlots()
    const read = openOne(slots, '/read')
    const left = openOne(slots, '/left')
    slots.retain(read)
    expect(slots.sweep(now + watchedMs - 1)).toBe(true)
    expect(openOne(slots, '/left', now)).toBe(left)
    expect(slots.sweep(now + watchedMs)).toBe(true)
    expect(openOne(slots, '/read')).toBe(read)
    slots.retain(read)
    slots.release(read, now)
    expect(slots.sweep(now + watchedMs)).toBe(false)
    expect(slots.isTracking).toBe(false)
  })

  it('gives a page that was dropped a new sequence number, as its number may have changed', () => {
    const slots = createSlots()
    const before = openOne(slots, '/a')
    slots.sweep(now + watchedMs)
    change('/a', 1)
    const after = openOne(slots, '/a')
    expect(after.value).toBe(1)
    expect(after.seq).toBeGreaterThan(before.seq)
    expect(openOne(slots, '/b').seq).toBe(after.seq)
  })

  it('drops the page that was read first when there are too many without a reader', () => {
    const slots = createSlots(2)
    const [a, b] = slots.open(['/a', '/b'], now)
    openOne(slots, '/a', now + 1)
    openOne(slots, '/c', now + 2)
    expect(openOne(slots, '/a', now + 3)).toBe(a)
    expect(openOne(slots, '/b', now + 4)).not.toBe(b)
  })

  it('watches no page after it is closed', () => {
    const slots = createSlots()
    openOne(slots, '/a')
    slots.close()
    change('/a', 1)
    expect(valuesOf(slots)).toEqual([])
  })
})
