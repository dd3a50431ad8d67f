/** The limit of the estimator's constant for ever more registers, 1 / (2 ln 2). */
const alpha = 0.5 / Math.LN2

/**
 * How many distinct items there were, from how many registers have each rank: the improved raw estimator
 * of Otmar Ertl, "New cardinality estimation algorithms for HyperLogLog sketches" (2017), section 4,
 * algorithm 6, which is what Redis uses. It has no bias to correct, and no ranges to switch between.
 * @param ranks at `r` how many registers have the rank `r`; a register without an item has rank 0
 */
export function estimateCardinality(ranks: ArrayLike<number>, precision: number): number {
  const registers = 2 ** precision
  // A register's rank is the place of the first one bit among this many, or one more.
  const bits = 64 - precision
  let sum = registers * tau(1 - (ranks[bits + 1] ?? 0) / registers)
  for (let rank = bits; rank >= 1; rank--) sum = (sum + (ranks[rank] ?? 0)) / 2
  sum += registers * sigma((ranks[0] ?? 0) / registers)
  return Math.round((alpha * registers * registers) / sum)
}

/** What the registers without an item add: x + Σ x^(2^k) · 2^(k − 1). */
function sigma(share: number): number {
  if (share === 1) return Infinity
  let sum = share
  let power = share
  let factor = 1
  for (let before = -1; sum !== before; factor *= 2) {
    before = sum
    power *= power
    sum += power * factor
  }
  return sum
}

/** What the registers that are full add: (1 − x − Σ (1 − x^(2^−k))² · 2^−k) / 3. */
function tau(share: number): number {
  if (share === 0 || share === 1) return 0
  let sum = 1 - share
  let root = share
  let factor = 1
  for (let before = -1; sum !== before;) {
    before = sum
    root = Math.sqrt(root)
    factor /= 2
    sum -= (1 - root) ** 2 * factor
  }
  return sum / 3
}
