/** Returns a number from 0 to 1 that looks random and is the same for the same seed. */
export function randomOf(seed: number): number {
  let hash = Math.imul(Math.floor(seed) ^ 0x9e3779b9, 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32
}

/** Splits a total into whole parts in proportion to weights; the first part takes the remainder. */
export function split(total: number, weights: readonly number[]): number[] {
  const sum = weights.reduce((a, b) => a + b, 0)
  const parts = weights.map(weight => Math.floor((total * weight) / sum))
  const rest = total - parts.reduce((a, b) => a + b, 0)
  return parts.map((part, index) => (index === 0 ? part + rest : part))
}
