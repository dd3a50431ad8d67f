import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { StoredSegment } from './segment.ts'
import { type SegmentTable, createSegmentTable } from './segment-table.ts'

const words = 5
const lastField = words - 1

const keyOf = (n: number) => ({ high: n, low: n % 5 })

function setUp({
  maxRows = 1_000_000,
  stored = [],
}: { maxRows?: number; stored?: Iterable<StoredSegment> } = {}) {
  const evicted: number[] = []
  const table = createSegmentTable({
    words,
    maxRows,
    onEvicted: rows => evicted.push(rows),
    stored,
  })
  return { table, evicted }
}

/** Applies each checkpoint as a store does. */
function createStore() {
  const segments = new Map<number, StoredSegment>()
  return {
    commit(changes: readonly StoredSegment[]): void {
      for (const change of changes) {
        if (change.bytes) segments.set(change.id, change)
        else segments.delete(change.id)
      }
    },
    all: (): StoredSegment[] => [...segments.values()].toSorted((a, b) => a.id - b.id),
  }
}

/** Sets every field of a row from one value. */
function put(table: SegmentTable, key: number, at: number, value: number): void {
  const known = table.find(keyOf(key))
  const row = known < 0 ? table.insert(keyOf(key), at) : known
  table.setSeenAt(row, at)
  table.setWord(row, 0, value)
  table.setWord(row, lastField, ~value)
  table.setList(row, value % 3 === 0 ? [value, value + 2, 2 ** 53 - 1] : [])
}

function valueOf(table: SegmentTable, key: number): unknown {
  const row = table.find(keyOf(key))
  if (row < 0) return undefined
  return {
    seenAt: table.seenAt(row),
    words: [table.word(row, 0), table.word(row, lastField)],
    list: table.list(row),
  }
}

function toValue(seenAt: number, value: number): unknown {
  const list = value % 3 === 0 ? [value, value + 2, 2 ** 53 - 1] : []
  return { seenAt, words: [value, ~value >>> 0], list }
}

/** Keys of the steps. */
const keys = Array.from({ length: 101 }, (_, key) => key)

const valuesOf = (table: SegmentTable): unknown[] => keys.map(key => valueOf(table, key))

type Step =
  | { kind: 'put'; key: number; after: number; value: number }
  | { kind: 'expire'; age: number }
  | { kind: 'checkpoint' }

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 20,
      arbitrary: fc.record({
        kind: fc.constant('put' as const),
        key: fc.constantFrom(...keys),
        after: fc.nat({ max: 3 }),
        value: fc.nat({ max: 2 ** 32 - 1 }),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ kind: fc.constant('expire' as const), age: fc.nat({ max: 60 }) }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('checkpoint' as const) }) },
  ),
  { maxLength: 300, size: 'max' },
)

describe('SegmentTable', () => {
  it('contains the rows of a plain map, and may expire them later', () => {
    fc.assert(
      fc.property(steps, all => {
        const { table, evicted } = setUp()
        const model = new Map<number, { at: number; value: number }>()
        let now = 0
        for (const step of all) {
          if (step.kind === 'put') {
            now += step.after
            put(table, step.key, now, step.value)
            model.set(step.key, { at: now, value: step.value })
          } else if (step.kind === 'expire') {
            table.expire(now - step.age)
            for (const [key, { at }] of model) {
              if (table.find(keyOf(key)) >= 0) continue
              expect(at).toBeLessThan(now - step.age)
              model.delete(key)
            }
          }
          const listed = [...model.values()].filter(({ value }) => value % 3 === 0).length * 3
          expect([table.rowCount(), table.listedNumbers()]).toEqual([model.size, listed])
        }
        expect(valuesOf(table)).toEqual(
          keys.map(key => {
            const known = model.get(key)
            return known && toValue(known.at, known.value)
          }),
        )
        expect(evicted).toEqual([])
      }),
    )
  })

  it('has the same bytes after restarts, in memory and in the store', () => {
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 64 }), (all, maxRows) => {
        const { table } = setUp({ maxRows })
        const store = createStore()
        let { table: restarted } = setUp({ maxRows })
        let now = 0
        for (const step of all) {
          if (step.kind === 'put') now += step.after
          for (const each of [table, restarted]) {
            if (step.kind === 'put') put(each, step.key, now, step.value)
            else if (step.kind === 'expire') each.expire(now - step.age)
          }
          if (step.kind !== 'checkpoint') continue
          store.commit(restarted.drainDirty())
          expect(store.all()).toEqual(table.encode())
          restarted = setUp({ maxRows, stored: store.all().toReversed() }).table
          expect(restarted.drainDirty()).toEqual([])
        }
        expect(restarted.encode()).toEqual(table.encode())
        expect(restarted.rowCount()).toBe(table.rowCount())
        expect(restarted.listedNumbers()).toBe(table.listedNumbers())
        expect(valuesOf(restarted)).toEqual(valuesOf(table))
      }),
    )
  })

  it('grows to 20,000 rows and finds them after a restart', () => {
    const { table } = setUp()
    const count = 20_000
    for (let key = 0; key < count; key++) put(table, key, key, key)
    const { table: restarted } = setUp({ stored: table.drainDirty() })
    for (const each of [table, restarted]) {
      expect(each.rowCount()).toBe(count)
      const all = Array.from({ length: count }, (_, key) => key)
      expect(all.filter(key => each.word(each.find(keyOf(key)), 0) !== key)).toEqual([])
      expect(each.find(keyOf(count))).toBe(-1)
    }
  })
})

describe('SegmentTable: drainDirty', () => {
  it('returns only the segments that changed since the last call', () => {
    const { table } = setUp()
    for (let key = 0; key < 64; key++) put(table, key, key, 1)
    expect(table.drainDirty().map(({ id }) => id)).toEqual([0, 1, 2])
    expect(table.drainDirty()).toEqual([])
    table.setSeenAt(table.find(keyOf(0)), 1)
    expect(table.drainDirty().map(({ id }) => id)).toEqual([0])
    table.setWord(table.find(keyOf(20)), lastField, 1)
    expect(table.drainDirty().map(({ id }) => id)).toEqual([1])
    table.setWord(table.find(keyOf(40)), 0, 1)
    expect(table.drainDirty().map(({ id }) => id)).toEqual([2])
    table.setList(table.find(keyOf(0)), [1])
    expect(table.drainDirty().map(({ id }) => id)).toEqual([0])
    for (const key of [64, 65]) {
      table.insert(keyOf(key), key)
      expect(table.drainDirty().map(({ id }) => id)).toEqual([3])
    }
  })

  it('names the segments that were removed', () => {
    const { table } = setUp()
    for (let key = 0; key < 64; key++) put(table, key, key, 1)
    const drained = (): unknown[] =>
      table.drainDirty().map(({ id, bytes }) => [id, bytes !== undefined])
    table.drainDirty()
    table.expire(20)
    expect(drained()).toEqual([[0, false]])
    table.expire(40)
    expect(drained()).toEqual([[1, false]])
    table.expire(1000)
    expect(drained()).toEqual([[2, false]])
    // An empty table starts with id 0 again, so the removed segment is also the new one.
    put(table, 1, 2000, 1)
    table.expire(2001)
    put(table, 1, 3000, 1)
    expect(drained()).toEqual([[0, true]])
  })

  it('returns copies', () => {
    const { table } = setUp()
    put(table, 1, 1, 1)
    const [before] = table.drainDirty()
    const bytes = before?.bytes?.slice()
    put(table, 1, 2, 2)
    expect(before?.bytes).toEqual(bytes)
  })

  it('returns less than 80 bytes for one row', () => {
    const { table } = setUp()
    expect(table.drainDirty()).toEqual([])
    put(table, 1, 1, 1)
    expect(table.drainDirty()[0]?.bytes?.length).toBeLessThan(80)
  })
})

describe('SegmentTable: expire', () => {
  it('removes old segments, except rows that were seen since', () => {
    const { table } = setUp()
    for (let key = 0; key < 32; key++) put(table, key, key, 3)
    put(table, 5, 100, 6)
    table.expire(15)
    expect(table.rowCount()).toBe(32)
    table.expire(16)
    expect(table.rowCount()).toBe(17)
    expect(valueOf(table, 5)).toEqual(toValue(100, 6))
    expect(valueOf(table, 16)).toEqual(toValue(16, 3))
    expect(table.listedNumbers()).toBe(17 * 3)
    table.expire(101)
    expect(table.rowCount()).toBe(0)
    expect(table.listedNumbers()).toBe(0)
    expect(table.encode()).toEqual([])
  })

  it('removes rows from the segment that is being filled', () => {
    const { table } = setUp()
    put(table, 1, 1, 1)
    put(table, 2, 2, 1)
    put(table, 1, 9, 1)
    table.expire(3)
    expect([1, 2].map(key => table.find(keyOf(key)) >= 0)).toEqual([true, false])
    expect(table.encode().length).toBe(1)
  })

  it('removes old rows although one row is always seen', () => {
    const { table } = setUp()
    for (let now = 0; now < 20_000; now++) {
      put(table, 0, now, 1)
      put(table, now + 1, now, 1)
      table.expire(now - 100)
    }
    expect(table.find(keyOf(0))).not.toBe(-1)
    expect(table.rowCount()).toBeLessThan(1000)
  })
})

describe('SegmentTable: memoryBytes', () => {
  it('is small for a few rows, and shrinks when rows expire', () => {
    const { table } = setUp()
    const emptyBytes = table.memoryBytes()
    expect(emptyBytes).toBeLessThan(100)
    put(table, 0, 0, 1)
    expect(table.memoryBytes()).toBeLessThan(1000)
    for (let key = 0; key < 20_000; key++) put(table, key, key, 1)
    // A row takes 40 bytes, and the index is at least three eighths full.
    expect(table.memoryBytes()).toBeLessThan(20_000 * (40 + 4 / 0.375))
    table.expire(20_000)
    expect(table.memoryBytes()).toBeLessThan(10_000)
  })

  it('stays within the bound when rows are inserted and evicted', () => {
    const { table } = setUp({ maxRows: 1000 })
    const most = 1000 * (40 + 4 / 0.375)
    for (let key = 0; key < 20_000; key++) put(table, key, key, 1)
    expect(table.memoryBytes()).toBeLessThan(most)
  })
})

describe('SegmentTable: eviction', () => {
  it('keeps to maxRows and reports every evicted row', () => {
    const sizes = fc.integer({ min: 1, max: 300 })
    const visits = fc.array(fc.nat({ max: 400 }), { maxLength: 1000, size: 'max' })
    fc.assert(
      fc.property(sizes, visits, (maxRows, all) => {
        const { table, evicted } = setUp({ maxRows })
        let inserted = 0
        let mostRows = 0
        for (const [now, key] of all.entries()) {
          if (table.find(keyOf(key)) < 0) inserted++
          put(table, key, now, 3)
          if (table.find(keyOf(key)) < 0) throw new Error('The table evicted the newest row.')
          mostRows = Math.max(mostRows, table.rowCount())
        }
        expect(mostRows).toBeLessThanOrEqual(maxRows)
        expect(evicted.reduce((sum, rows) => sum + rows, 0)).toBe(inserted - table.rowCount())
        expect(table.listedNumbers()).toBe(table.rowCount() * 3)
      }),
    )
  })

  it('evicts nothing while the table has room', () => {
    const { table, evicted } = setUp({ maxRows: 1000 })
    for (let now = 0; now < 5000; now++) put(table, now % 1000, now, 1)
    expect(table.rowCount()).toBe(1000)
    expect(evicted).toEqual([])
  })

  it('evicts the oldest rows, but not a row that is seen again and again', () => {
    const { table, evicted } = setUp({ maxRows: 1000 })
    for (let now = 0; now < 5000; now++) {
      put(table, now, now, 1)
      put(table, 0, now, 1)
    }
    expect(table.find(keyOf(0))).not.toBe(-1)
    expect(table.find(keyOf(1))).toBe(-1)
    const last = Array.from({ length: 900 }, (_, key) => 4100 + key)
    expect(last.filter(key => table.find(keyOf(key)) < 0)).toEqual([])
    expect(Math.max(...evicted)).toBeLessThanOrEqual(1000 / 16)
  })

  it('makes room when every row was seen again', () => {
    const { table, evicted } = setUp({ maxRows: 5000 })
    for (let key = 0; key < 5000; key++) put(table, key, key, 1)
    for (let key = 0; key < 5000; key++) put(table, key, 10_000, 1)
    put(table, 5000, 10_001, 1)
    expect(table.find(keyOf(5000))).not.toBe(-1)
    expect(evicted.length).toBe(1)
    expect(table.rowCount()).toBe(5001 - (evicted[0] ?? 0))
    expect(table.rowCount()).toBeGreaterThan(4000)
  })

  it('distinguishes rows after their numbers wrap around', () => {
    // Each segment has one row, and row numbers wrap around after 2^14 segments.
    const { table } = setUp({ maxRows: 3 })
    const isStored = (key: number): boolean => {
      const row = table.find(keyOf(key))
      return row >= 0 && table.seenAt(row) === key && table.word(row, 0) === key
    }
    const wrong: number[] = []
    for (let now = 0; now < 40_000; now++) {
      put(table, now, now, now)
      const isRight = isStored(now) && (now === 0 || isStored(now - 1)) && !isStored(now - 3)
      if (!isRight) wrong.push(now)
    }
    expect(wrong).toEqual([])
    const { table: restarted } = setUp({ maxRows: 3, stored: table.encode() })
    expect(valueOf(restarted, 39_998)).toEqual(toValue(39_998, 39_998))
  })

  it.each([0, -1, NaN, 8_000_001])('rejects maxRows %d', maxRows => {
    expect(() => setUp({ maxRows })).toThrow(RangeError)
  })
})

describe('SegmentTable: stored segments', () => {
  function stored(): StoredSegment[] {
    const { table } = setUp()
    for (let key = 0; key < 64; key++) put(table, key, key, 1)
    return table.encode()
  }

  it('are refused when a segment in the middle is missing', () => {
    expect(() => setUp({ stored: stored().filter(({ id }) => id !== 1) })).toThrow(
      'Segment 1 is missing.',
    )
  })

  it('are refused when they are truncated or have rows of another size', () => {
    const [first] = stored()
    const bytes = first?.bytes ?? new Uint8Array()
    expect(() => setUp({ stored: [{ id: 0, bytes: bytes.subarray(0, -1) }] })).toThrow(RangeError)
    expect(() =>
      createSegmentTable({
        words: words + 2,
        maxRows: 10,
        onEvicted() {},
        stored: stored(),
      }),
    ).toThrow(RangeError)
  })
})
