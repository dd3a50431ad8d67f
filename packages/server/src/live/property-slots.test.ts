import type { EventProperty } from '@tidemark/protocol'
import { beforeEach, describe, expect, it } from 'vitest'
import { type ManualClock, createManualClock } from '../testing/clock.ts'
import { type ScriptedSource, createScriptedSource } from '../testing/source.ts'
import { type FrameNumbers, createFrameCounter } from './frame-numbers.ts'
import { type PropertySlots, createPropertySlots } from './property-slots.ts'
import { type Slot, watchedMs } from './slot.ts'

const plan: EventProperty = { event: 'purchase', property: 'plan' }
const others = ['a', 'b', 'c'].map(property => ({ event: 'other', property }))
const row = (events: number) => ({ property: 'pro', events, visitors: 1 })

let clock: ManualClock
let source: ScriptedSource
let numbers: FrameNumbers
let slots: PropertySlots

beforeEach(() => {
  clock = createManualClock()
  source = createScriptedSource({})
  numbers = createFrameCounter()()
  while (numbers.last < 7) numbers.next()
  slots = createPropertySlots(source, numbers, clock)
})

function openOne(property: EventProperty = plan): Slot {
  const [slot] = slots.open([property])
  if (!slot) throw new Error('There is no slot.')
  return slot
}

/** Takes the changes as a stream does, which records their time. */
function publish(): unknown[] {
  return slots.takeChanges(clock.now()).map(([slot, { patch, json }]) => {
    slot.at = clock.now()
    expect(JSON.parse(json)).toEqual(patch)
    expect([slot.value, slot.json]).toEqual([patch, json])
    return patch
  })
}

describe('createPropertySlots', () => {
  it('opens one slot for each property, with its rows and the head', () => {
    source.setProperty(plan, [row(1)])
    const slot = openOne()
    expect(slot).toMatchObject({ channel: 'properties', rowKey: 'purchase.plan', seq: 7 })
    expect(slot.value).toEqual({ ...plan, rows: [row(1)] })
    expect(slot.json).toBe(JSON.stringify(slot.value))
    expect(openOne({ ...plan })).toBe(slot)
    expect([slots.has([plan]), slots.has([plan, ...others])]).toEqual([true, false])
  })

  it('publishes a change once, in another second than the last one', () => {
    openOne()
    source.setProperty(plan, [row(1)])
    expect(publish()).toEqual([])
    expect(slots.nextChangeAt(clock.now())).toBe(clock.now() + 1000)
    clock.advance(1000)
    expect(publish()).toEqual([{ ...plan, rows: [row(1)] }])
    expect(publish()).toEqual([])
    source.setProperty(plan, [row(2)])
    source.setProperty(plan, [row(3)])
    clock.advance(999)
    expect(publish()).toEqual([])
    clock.advance(1)
    expect(publish()).toEqual([{ ...plan, rows: [row(3)] }])
  })

  it('publishes nothing for rows that are equal again', () => {
    openOne()
    clock.advance(1000)
    source.setProperty(plan, [row(1)])
    source.setProperty(plan, [])
    expect(publish()).toEqual([])
    expect(slots.nextChangeAt(clock.now())).toBe(clock.now() - 1000 + watchedMs)
  })

  it('drops a slot without readers after its time, and one with a room never', () => {
    const read = openOne()
    const left = openOne(others[0])
    slots.retain(read)
    clock.advance(watchedMs - 1)
    expect(slots.sweep(clock.now())).toBe(true)
    expect(openOne(others[0])).toBe(left)
    clock.advance(watchedMs)
    expect(slots.sweep(clock.now())).toBe(true)
    expect(slots.has([plan])).toBe(true)
    expect(slots.has(others.slice(0, 1))).toBe(false)
    slots.release(read)
    clock.advance(watchedMs)
    expect(slots.sweep(clock.now())).toBe(false)
    expect(slots.nextChangeAt(clock.now())).toBeUndefined()
  })

  it('gives a property that was dropped a new sequence number, as its rows may have changed', () => {
    const before = openOne()
    clock.advance(watchedMs)
    slots.sweep(clock.now())
    source.setProperty(plan, [row(1)])
    const after = openOne()
    expect(after.seq).toBeGreaterThan(before.seq)
    expect(after.value).toEqual({ ...plan, rows: [row(1)] })
    expect(openOne(others[0]).seq).toBe(after.seq)
  })

  it('has room until the source has none, and again after a slot has ended', () => {
    expect(slots.prepare(others)).toBe(true)
    expect(slots.prepare([plan])).toBe(false)
    expect(slots.has([plan])).toBe(false)
    expect(slots.prepare(others.slice(1))).toBe(true)
    clock.advance(watchedMs)
    expect(slots.prepare([plan])).toBe(true)
    expect(slots.has([plan])).toBe(true)
  })

  it('opens prepared properties when their rows are known, also if that fails for others', async () => {
    let finish = (): void => {}
    source.properties.load = () => new Promise(resolve => void (finish = resolve))
    const prepared = slots.prepare([plan])
    expect(slots.has([plan])).toBe(false)
    finish()
    expect(await prepared).toBe(true)
    expect(slots.has([plan])).toBe(true)
    source.properties.load = () => Promise.reject(new Error('damaged'))
    await expect(slots.prepare(others.slice(0, 2))).rejects.toThrow('damaged')
    source.properties.load = () => undefined
    expect(slots.prepare(others.slice(1)), 'the failed ones hold no place').toBe(true)
  })

  it('drops all slots when it is closed', () => {
    openOne()
    slots.close()
    expect(slots.has([plan])).toBe(false)
    expect(slots.prepare(others)).toBe(true)
  })
})
