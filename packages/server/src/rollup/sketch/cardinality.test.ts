import { expect, it } from 'vitest'
import { estimateCardinality } from './cardinality.ts'

/** Returns the average number of registers by rank after a number of items (Ertl, section 2.2). */
function expectedRanks(items: number, precision: number): number[] {
  const registers = 2 ** precision
  const bits = 64 - precision
  const share = (rank: number): number =>
    rank > bits ? 1 : Math.exp(-items / registers / 2 ** rank)
  return Array.from({ length: bits + 2 }, (_, rank) => {
    const below = rank === 0 ? 0 : share(rank - 1)
    return registers * (share(rank) - below)
  })
}

it('estimateCardinality: estimates average registers, from one item to the limit of the hashes', () => {
  for (const precision of [4, 11, 14, 18]) {
    for (let exponent = 0; exponent <= 64; exponent += 0.5) {
      const items = 2 ** exponent
      const estimate = estimateCardinality(expectedRanks(items, precision), precision)
      expect(Math.abs(estimate - items), `2^${exponent}, ${precision}`).toBeLessThanOrEqual(
        0.5 + items / 1000,
      )
    }
  }
})

it('estimateCardinality: returns 0 for registers without an item', () => {
  expect(estimateCardinality([2 ** 14], 14)).toBe(0)
})
