import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type Ranking, createRanking } from './ranking.ts'

/** Changes the count of a name, and returns its number. */
function change(ranking: Ranking, name: string, by: number): number {
  const number = ranking.add(name)
  for (let left = by - 1; left > 0; left--) ranking.add(name)
  for (let left = by - 1; left < 0; left++) ranking.remove(number)
  return number
}

it('lists the names with the most, ties by name, and all others as one', () => {
  const ranking = createRanking(2)
  for (const [name, count] of [
    ['/c', 1],
    ['/a', 3],
    ['/b', 3],
    ['/d', 4],
  ] as const) {
    change(ranking, name, count)
  }
  expect(ranking.top()).toEqual([
    { name: '/d', count: 4, rest: false },
    { name: '/a', count: 3, rest: false },
    { name: '(other)', count: 4, rest: true },
  ])
})

it('has no rest row where every name is listed', () => {
  const ranking = createRanking(2)
  ranking.add('/a')
  ranking.add('/b')
  expect(ranking.top().some(row => row.rest)).toBe(false)
})

it('forgets a name of which there is none any more', () => {
  const ranking = createRanking(2)
  const number = change(ranking, '/a', 2)
  ranking.remove(number)
  ranking.remove(number)
  expect(ranking.top()).toEqual([])
})

it('gives the number of a name that was forgotten to another, and never that of one that is there', () => {
  const ranking = createRanking(2)
  const a = ranking.add('/a')
  const b = ranking.add('/b')
  expect(ranking.add('/a')).toBe(a)
  ranking.remove(b)
  const c = ranking.add('/c')
  expect([ranking.nameOf(a), ranking.nameOf(c)]).toEqual(['/a', '/c'])
  expect(c).toBe(b)
})

it('gives the same rows until a count changes', () => {
  const ranking = createRanking(2)
  ranking.add('/a')
  const before = ranking.top()
  expect(ranking.top()).toBe(before)
  ranking.add('/b')
  expect(ranking.top()).not.toBe(before)
})

it('sums to all that was counted, in the order of the counts, whatever is counted', () => {
  const steps = fc.array(
    fc.tuple(
      fc.constantFrom('/a', '/b', '/c', '__proto__', 'constructor', '(other)', ''),
      fc.integer({ min: -3, max: 3 }),
    ),
  )
  fc.assert(
    fc.property(steps, fc.integer({ min: 1, max: 4 }), (all, maxRows) => {
      const ranking = createRanking(maxRows)
      const counts = new Map<string, number>()
      for (const [name, by] of all) {
        const sum = (counts.get(name) ?? 0) + by
        if (sum < 0) continue
        counts.set(name, sum)
        if (sum > 0 || by !== 0) expect(ranking.nameOf(change(ranking, name, by))).toBe(name)
        const rows = ranking.top()
        const total = [...counts.values()].reduce((a, b) => a + b, 0)
        expect(rows.reduce((sumOfRows, row) => sumOfRows + row.count, 0)).toBe(total)
        const best = [...counts]
          .filter(([, count]) => count > 0)
          .toSorted(([a, ofA], [b, ofB]) => ofB - ofA || (a < b ? -1 : 1))
          .slice(0, maxRows)
        const listed = rows.filter(row => !row.rest)
        expect(listed.map(row => [row.name, row.count])).toEqual(best)
      }
    }),
  )
})
