import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type Ranking, createRanking } from './ranking.ts'

/** Changes the count of a name, and returns its id. */
function change(ranking: Ranking, name: string, by: number): number {
  const id = ranking.add(name)
  for (let left = by - 1; left > 0; left--) ranking.add(name)
  for (let left = by - 1; left < 0; left++) ranking.remove(id)
  return id
}

it('Ranking: lists names by count, then by name, and groups the rest into "(other)"', () => {
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

it('Ranking: has no row "(other)" when every name is listed', () => {
  const ranking = createRanking(2)
  ranking.add('/a')
  ranking.add('/b')
  expect(ranking.top().some(row => row.rest)).toBe(false)
})

it('Ranking: removes a name when its count is 0', () => {
  const ranking = createRanking(2)
  const id = change(ranking, '/a', 2)
  ranking.remove(id)
  ranking.remove(id)
  expect(ranking.top()).toEqual([])
})

it('Ranking: reuses the id of a removed name, and never the id of an existing one', () => {
  const ranking = createRanking(2)
  const a = ranking.add('/a')
  const b = ranking.add('/b')
  expect(ranking.add('/a')).toBe(a)
  ranking.remove(b)
  const c = ranking.add('/c')
  expect([ranking.nameOf(a), ranking.nameOf(c)]).toEqual(['/a', '/c'])
  expect(c).toBe(b)
})

it('Ranking: returns the same array until a count changes', () => {
  const ranking = createRanking(2)
  ranking.add('/a')
  const before = ranking.top()
  expect(ranking.top()).toBe(before)
  ranking.add('/b')
  expect(ranking.top()).not.toBe(before)
})

it('Ranking: adds up to the total, in the order of the counts, after any changes', () => {
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
          .toSorted(([a, countA], [b, countB]) => countB - countA || (a < b ? -1 : 1))
          .slice(0, maxRows)
        const listed = rows.filter(row => !row.rest)
        expect(listed.map(row => [row.name, row.count])).toEqual(best)
      }
    }),
  )
})
