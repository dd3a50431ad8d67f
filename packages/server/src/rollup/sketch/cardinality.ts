/** Constant of the estimator: the limit for a large number of registers, 1 / (2 ln 2). */
const alpha = 0.5 / Math.LN2

/**
 * Estimates the number of distinct items. Uses the improved raw estimator of Otmar Ertl, "New cardinality estimation
 * algorithms for HyperLogLog sketches" (2017), section 4, algorithm 6, as Redis does. The estimator needs no bias
 * correction and no switch between ranges.
 * @param ranks number of registers by rank; a register without an item has rank 0
 */
export function estimateCardinality(ranks: ArrayLike<number>, precision: number): number {
  const registers = 2 ** precision
  // A rank is the position of the first 1 bit among this many bits, or one more.
  const bits = 64 - precision
  let sum = registers * tau(1 - (ranks[bits + 1] ?? 0) / registers)
  for (let rank = bits; rank >= 1; rank--) sum = (sum + (ranks[rank] ?? 0)) / 2
  sum += registers * sigma((ranks[0] ?? 0) / registers)
  return Math.round((alpha * registers * registers) / sum)
}

/** Contribution of the registers without an item: x + Σ x^(2^k) · 2^(k − 1). */
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

/** Contribution of the saturated registers: (1 − x − Σ (1 − x^(2^−k))² · 2^−k) / 3. */
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
