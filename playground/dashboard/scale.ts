/** Scale maximums that divide into five round steps. */
const tops = [1, 2, 3, 4, 5, 6, 8, 10, 15].map(top => top * 5)

/** Returns the lowest round scale maximum for `value`, divisible into five whole steps: 38 → 40. */
export function scaleTop(value: number): number {
  let unit = 1
  for (;;) {
    const top = tops.find(candidate => candidate * unit >= value)
    if (top !== undefined) return top * unit
    unit *= 10
  }
}
