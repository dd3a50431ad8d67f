import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type LinkedRows, createLinkedRows } from './linked-rows.ts'

/** Reads the fields of all rows, in order. */
function read(rows: LinkedRows): number[][] {
  const all: number[][] = []
  for (let row = rows.first(); row >= 0; row = rows.after(row)) {
    all.push([rows.high(row), rows.low(row), rows.time(row), rows.word(row, 0), rows.word(row, 2)])
  }
  return all
}

function add(rows: LinkedRows, n: number): number {
  const row = rows.allocate()
  rows.setKey(row, n, 0xffffffff - n)
  rows.setTime(row, 1_700_000_000_000.5 + n)
  rows.setWord(row, 0, n * 3)
  rows.setWord(row, 2, n * 5)
  rows.append(row)
  return row
}

const toFields = (n: number): number[] => [n, 0xffffffff - n, 1_700_000_000_000.5 + n, n * 3, n * 5]

it.each([3, 64, 65, 1023, 1024, 1025, 5000])(
  'LinkedRows: %d rows contain the fields that were set',
  count => {
    const rows = createLinkedRows(3)
    expect(read(rows)).toEqual([])
    const numbers = Array.from({ length: count }, (_, n) => n)
    const rowNumbers = numbers.map(n => add(rows, n))
    expect(read(rows)).toEqual(numbers.map(toFields))
    const copy = rows.copy()
    // Move the first row to the end, release every second row, and allocate others in their place.
    const [first = 0] = rowNumbers
    rows.unlink(first)
    rows.append(first)
    for (const row of rowNumbers.filter((_, n) => n % 2 === 1)) {
      rows.unlink(row)
      rows.release(row)
    }
    const more = Array.from({ length: count }, (_, n) => count + n)
    for (const n of more) add(rows, n)
    const remaining = numbers.filter(n => n > 0 && n % 2 === 0)
    expect(read(rows)).toEqual([...remaining, 0, ...more].map(toFields))
    expect(read(copy)).toEqual(numbers.map(toFields))
  },
)

it('LinkedRows: have the order of a plain list after any operations', () => {
  const step = fc.oneof(
    { weight: 3, arbitrary: fc.constant('add' as const) },
    { weight: 2, arbitrary: fc.record({ release: fc.nat() }) },
    { weight: 2, arbitrary: fc.record({ moveToEnd: fc.nat() }) },
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), steps => {
      const rows = createLinkedRows(3)
      let model: { row: number; n: number }[] = []
      for (const [n, each] of steps.entries()) {
        if (each === 'add') {
          model.push({ row: add(rows, n), n })
          continue
        }
        const index =
          ('release' in each ? each.release : each.moveToEnd) % Math.max(1, model.length)
        const chosen = model[index]
        if (!chosen) continue
        model = model.filter(other => other !== chosen)
        rows.unlink(chosen.row)
        if ('release' in each) {
          rows.release(chosen.row)
        } else {
          rows.append(chosen.row)
          model.push(chosen)
        }
      }
      expect(read(rows)).toEqual(model.map(({ n }) => toFields(n)))
    }),
  )
})
