/** Tops of scales that divide into five round steps. */
const tops = [1, 2, 3, 4, 5, 6, 8, 10, 15].map(top => top * 5)

/** The lowest round top of a scale that `value` fits under, in whole steps of five: 38 → 40. */
export function scaleTop(value: number): number {
  let unit = 1
  for (;;) {
    const top = tops.find(each => each * unit >= value)
    if (top !== undefined) return top * unit
    unit *= 10
  }
}
