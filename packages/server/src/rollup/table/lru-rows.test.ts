import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type Hash, hash64 } from '../sketch/hash.ts'
import { type LruRows, createLruRows } from './lru-rows.ts'

function all(queue: LruRows): [Hash, number, number][] {
  const found: [Hash, number, number][] = []
  const rows = queue.snapshot()
  for (let row = rows.first(); row >= 0; row = rows.after(row)) {
    const key = { high: rows.high(row), low: rows.low(row) }
    found.push([key, rows.time(row), rows.word(row, 1)])
  }
  return found
}

it('is what a map in the order of last sight is, whatever comes, is seen and goes', () => {
  const steps = fc.array(
    fc.record({ id: fc.nat(200), what: fc.constantFrom('see', 'see', 'see', 'remove') }),
    { maxLength: 400 },
  )
  fc.assert(
    fc.property(steps, taken => {
      const queue = createLruRows(2)
      const model = new Map<number, { at: number; word: number }>()
      for (const [at, { id, what }] of taken.entries()) {
        const key = hash64(String(id))
        const row = queue.find(key)
        expect(row >= 0).toBe(model.has(id))
        if (what === 'remove') {
          model.delete(id)
          if (row >= 0) queue.remove(row)
          continue
        }
        const word = model.get(id)?.word ?? at
        model.delete(id)
        model.set(id, { at, word })
        if (row >= 0) queue.touch(row, at)
        else queue.setWord(queue.add(key, at), 1, word)
      }
      expect(queue.size).toBe(model.size)
      expect(all(queue)).toEqual(
        [...model].map(([id, { at, word }]) => [hash64(String(id)), at, word]),
      )
    }),
  )
})

it('gives its rows as they are, whatever becomes of them afterwards', () => {
  const queue = createLruRows(1)
  const names = ['a', 'b', 'c']
  for (const [at, name] of names.entries()) queue.setWord(queue.add(hash64(name), at), 0, at)
  const rows = queue.snapshot()
  queue.touch(queue.find(hash64('a')), 9)
  queue.remove(queue.find(hash64('b')))
  queue.setWord(queue.add(hash64('d'), 10), 0, 10)
  queue.setWord(queue.find(hash64('c')), 0, 11)
  const found: number[][] = []
  for (let row = rows.first(); row >= 0; row = rows.after(row)) {
    found.push([rows.low(row), rows.time(row), rows.word(row, 0)])
  }
  expect(found).toEqual(names.map((name, at) => [hash64(name).low, at, at]))
})

it('uses the rows of those who went again', () => {
  const queue = createLruRows(1)
  for (let round = 0; round < 50; round++) {
    for (let each = 0; each < 100; each++) queue.add(hash64(`${round} ${each}`), round)
    for (let row = queue.first(); row >= 0; row = queue.first()) queue.remove(row)
  }
  expect(queue.memoryBytes()).toBeLessThan(10_000)
})
