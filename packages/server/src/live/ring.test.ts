import fc from 'fast-check'
import { beforeEach, expect, it } from 'vitest'
import { type RingBounds, type RingFrame, type StoredSlot, createRing } from './ring.ts'

const roomy: RingBounds = { maxFrames: 100, maxBytes: 10_000 }

interface NamedSlot extends StoredSlot {
  readonly name: string
}

const [a, b, c] = createSlots()

function createSlots(): [NamedSlot, NamedSlot, NamedSlot] {
  const create = (name: string): NamedSlot => ({ name, evictedSeq: 0 })
  return [create('a'), create('b'), create('c')]
}

beforeEach(() => {
  for (const slot of [a, b, c]) slot.evictedSeq = 0
})

/** Creates a frame that changes slots, each with `bytes` of JSON. */
function frame(seq: number, slots: StoredSlot[], bytes = 10): RingFrame {
  const patches = slots.map(slot => [slot, { patch: {}, json: 'x'.repeat(bytes) }] as const)
  return { seq, at: seq, patches: new Map(patches) }
}

function numbersAfter(ring: ReturnType<typeof createRing>, seq: number): number[] {
  return ring.after(seq).map(one => one.seq)
}

it('Ring: returns the frames after a sequence number, in order', () => {
  const ring = createRing(roomy)
  expect(ring.after(0)).toEqual([])
  for (let seq = 1; seq <= 5; seq++) ring.push(frame(seq, [a]))
  expect(numbersAfter(ring, 0)).toEqual([1, 2, 3, 4, 5])
  expect(numbersAfter(ring, 3)).toEqual([4, 5])
  expect(numbersAfter(ring, 5)).toEqual([])
  expect(numbersAfter(ring, 9)).toEqual([])
})

it('Ring: evicts the oldest frame above the count', () => {
  const ring = createRing({ ...roomy, maxFrames: 3 })
  for (let seq = 1; seq <= 5; seq++) ring.push(frame(seq, [a]))
  expect(numbersAfter(ring, 0)).toEqual([3, 4, 5])
  expect(a.evictedSeq).toBe(2)
})

it('Ring: evicts the oldest frames above the size', () => {
  const ring = createRing({ ...roomy, maxBytes: 35 })
  for (let seq = 1; seq <= 5; seq++) ring.push(frame(seq, [a]))
  expect(numbersAfter(ring, 0)).toEqual([3, 4, 5])
  ring.push(frame(6, [a, b], 15))
  expect(numbersAfter(ring, 0)).toEqual([6])
  expect(a.evictedSeq).toBe(5)
})

it('Ring: stores no frame that exceeds its size, and continues after it', () => {
  const ring = createRing({ ...roomy, maxBytes: 35 })
  ring.push(frame(1, [a]))
  ring.push(frame(2, [b], 36))
  expect(ring.after(0)).toEqual([])
  expect([a.evictedSeq, b.evictedSeq]).toEqual([1, 2])
  ring.push(frame(3, [a]))
  expect(numbersAfter(ring, 0)).toEqual([3])
})

it('Ring: remembers the last evicted frame of each slot', () => {
  const ring = createRing({ ...roomy, maxFrames: 2 })
  ring.push(frame(1, [a, b]))
  ring.push(frame(2, [a]))
  ring.push(frame(3, [c]))
  ring.push(frame(4, [c]))
  expect([a.evictedSeq, b.evictedSeq, c.evictedSeq]).toEqual([2, 1, 0])
})

it('Ring: always stores the longest tail within both bounds', () => {
  const pushes = fc.array(
    fc.record({
      slots: fc.uniqueArray(fc.constantFrom(a, b, c), { minLength: 1 }),
      bytes: fc.nat(30),
    }),
    { maxLength: 30 },
  )
  const bounds = fc.record({ maxFrames: fc.integer({ min: 1, max: 8 }), maxBytes: fc.nat(100) })
  fc.assert(
    fc.property(pushes, bounds, (all, bound) => {
      const ring = createRing(bound)
      for (const slot of [a, b, c]) slot.evictedSeq = 0
      const every: RingFrame[] = []
      for (const { slots, bytes } of all) {
        const next = frame(every.length + 1, slots, bytes)
        ring.push(next)
        every.push(next)
        const stored = longestTail(every, bound)
        expect(numbersAfter(ring, 0)).toEqual(stored.map(one => one.seq))
        for (const slot of [a, b, c]) {
          const evicted = every.slice(0, every.length - stored.length)
          expect(slot.evictedSeq).toBe(evicted.findLast(one => one.patches.has(slot))?.seq ?? 0)
        }
      }
    }),
  )
})

function longestTail(frames: readonly RingFrame[], bounds: RingBounds): RingFrame[] {
  const tail: RingFrame[] = []
  let bytes = 0
  for (const one of frames.toReversed()) {
    for (const { json } of one.patches.values()) bytes += json.length
    if (tail.length === bounds.maxFrames || bytes > bounds.maxBytes) break
    tail.unshift(one)
  }
  return tail
}
