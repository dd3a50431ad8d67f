import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createByteReader, createByteWriter } from '../../shared/bytes.ts'
import { hash64 } from '../sketch/hash.ts'
import { PropertyRow } from './property-row.ts'
import { PropertyTable } from './property-table.ts'

function fill(table: PropertyTable, names: readonly string[], visitor = 'a'): void {
  const hash = hash64(visitor)
  for (const name of names) table.add(name, hash, undefined, 0)
}

/** Creates names that come once. */
function createTail(length: number): string[] {
  return Array.from({ length }, (_, index) => `tail ${index}`)
}

function bytesOf(part: PropertyTable | PropertyRow): Uint8Array {
  const writer = createByteWriter()
  part.write(writer)
  return writer.finish()
}

describe('PropertyTable', () => {
  it('keeps frequent names among many that come once, with an exact rest', () => {
    const table = new PropertyTable(10)
    const frequent = Array.from({ length: 8 }, (_, index) => `frequent ${index}`)
    const names = createTail(2000).flatMap((name, index) => [
      name,
      ...(index % 4 === 0 ? [frequent[(index / 4) % frequent.length] ?? ''] : []),
    ])
    fill(table, names)
    table.trim()
    expect([...table.rows.keys()]).toEqual(expect.arrayContaining(frequent))
    const counted = [...table.rows.values()].reduce((sum, { count }) => sum + count, 0)
    expect(counted + table.other.count).toBe(names.length)
  })

  it('gives a new name a row when it comes again, once the table was full', () => {
    const table = new PropertyTable(2)
    fill(table, ['x', 'x', 'y', 'y', ...createTail(3)])
    expect([...table.rows.keys()]).toEqual(['x', 'y'])
    fill(table, ['z'])
    expect(table.rows.has('z')).toBe(false)
    fill(table, ['z'])
    expect(table.rows.get('z')?.count).toBe(1)
    expect(table.other.count).toBe(4)
  })

  it('removes the lowest counts when it is full, and the earliest of equal ones', () => {
    const table = new PropertyTable(2)
    fill(table, ['once', 'x', 'x', 'early', 'late', 'y', 'y'])
    expect([...table.rows.keys()]).toEqual(['x', 'y'])
    const equal = new PropertyTable(2)
    fill(equal, ['a', 'b', 'c', 'd', 'e'])
    expect([...equal.rows.keys()]).toEqual(['d', 'e'])
  })

  it('counts a name in the rest after its row was removed', () => {
    const table = new PropertyTable(1)
    fill(table, ['x', 'x', 'x', 'y', 'y', 'z', 'y'])
    expect([...table.rows.keys()]).toEqual(['x'])
    expect(table.sum().count).toBe(7)
  })

  it('returns each count that moves to the rest, and counts its visitor there', () => {
    const steps = fc.array(fc.record({ name: fc.nat(30), visitor: fc.nat(40) }), { maxLength: 200 })
    fc.assert(
      fc.property(steps, all => {
        const table = new PropertyTable(3)
        let moved = 0
        for (const { name, visitor } of all) {
          moved += table.add(`${name}`, hash64(`${visitor}`), 1, 0)
        }
        expect(table.other.count).toBe(moved)
        const sum = table.sum()
        expect(sum.count).toBe(all.length)
        expect(sum.countVisitors()).toBe(new Set(all.map(({ visitor }) => visitor)).size)
        expect(sum.values?.summary().count ?? 0).toBe(all.length)
      }),
    )
  })
})

describe('PropertyRow', () => {
  it('has equal bytes for any split of its events', () => {
    const visitors = fc.array(fc.nat(3), { maxLength: 6 })
    fc.assert(
      fc.property(visitors, visitors, (first, second) => {
        const add = (row: PropertyRow, all: readonly number[]): PropertyRow => {
          for (const visitor of all) row.add(hash64(`${visitor}`), visitor, 0)
          return row
        }
        const whole = add(new PropertyRow(), [...first, ...second])
        const merged = add(new PropertyRow(), first)
        merged.merge(add(new PropertyRow(), second))
        expect(bytesOf(merged)).toEqual(bytesOf(whole))
        const stored = PropertyRow.read(createByteReader(bytesOf(add(new PropertyRow(), first))))
        expect(bytesOf(add(stored, second))).toEqual(bytesOf(whole))
      }),
    )
  })
})
