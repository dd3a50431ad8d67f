import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type Hash, hash64 } from '../sketch/hash.ts'
import { type LruRows, createLruRows } from './lru-rows.ts'

function readAll(lru: LruRows): [Hash, number, number][] {
  const found: [Hash, number, number][] = []
  const rows = lru.snapshot()
  for (let row = rows.first(); row >= 0; row = rows.after(row)) {
    const key = { high: rows.high(row), low: rows.low(row) }
    found.push([key, rows.time(row), rows.word(row, 1)])
  }
  return found
}

it('LruRows: contains the entries of a Map in order of last use', () => {
  const steps = fc.array(
    fc.record({ id: fc.nat(200), action: fc.constantFrom('touch', 'touch', 'touch', 'remove') }),
    { maxLength: 400 },
  )
  fc.assert(
    fc.property(steps, all => {
      const lru = createLruRows(2)
      const model = new Map<number, { at: number; word: number }>()
      for (const [at, { id, action }] of all.entries()) {
        const key = hash64(String(id))
        const row = lru.find(key)
        expect(row >= 0).toBe(model.has(id))
        if (action === 'remove') {
          model.delete(id)
          if (row >= 0) lru.remove(row)
          continue
        }
        const word = model.get(id)?.word ?? at
        model.delete(id)
        model.set(id, { at, word })
        if (row >= 0) lru.touch(row, at)
        else lru.setWord(lru.add(key, at), 1, word)
      }
      expect(lru.size).toBe(model.size)
      expect(readAll(lru)).toEqual(
        [...model].map(([id, { at, word }]) => [hash64(String(id)), at, word]),
      )
    }),
  )
})

it('LruRows: a snapshot does not change with later calls', () => {
  const lru = createLruRows(1)
  const names = ['a', 'b', 'c']
  for (const [at, name] of names.entries()) lru.setWord(lru.add(hash64(name), at), 0, at)
  const rows = lru.snapshot()
  lru.touch(lru.find(hash64('a')), 9)
  lru.remove(lru.find(hash64('b')))
  lru.setWord(lru.add(hash64('d'), 10), 0, 10)
  lru.setWord(lru.find(hash64('c')), 0, 11)
  const found: number[][] = []
  for (let row = rows.first(); row >= 0; row = rows.after(row)) {
    found.push([rows.low(row), rows.time(row), rows.word(row, 0)])
  }
  expect(found).toEqual(names.map((name, index) => [hash64(name).low, index, index]))
})

it('LruRows: reuses removed rows', () => {
  const lru = createLruRows(1)
  for (let round = 0; round < 50; round++) {
    for (let each = 0; each < 100; each++) lru.add(hash64(`${round} ${each}`), round)
    for (let row = lru.first(); row >= 0; row = lru.first()) lru.remove(row)
  }
  expect(lru.memoryBytes()).toBeLessThan(10_000)
})
