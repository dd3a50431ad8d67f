/** Range of the value axis, with its labeled values. */
export interface ValueScale {
  readonly min: number
  readonly max: number
  /** Evenly spaced from `min` to `max`. */
  readonly ticks: readonly number[]
}

/** Largest and smallest number of all series; 0 without a number. */
export function extentOf(series: readonly { values: readonly (number | undefined)[] }[]): {
  min: number
  max: number
} {
  let min = 0
  let max = 0
  for (const { values } of series) {
    for (const value of values) {
      if (value === undefined) continue
      if (value < min) min = value
      if (value > max) max = value
    }
  }
  return { min, max }
}

/**
 * Returns a scale that contains 0 and all values, with round steps.
 * @param isWhole whether all values are whole numbers; their steps are whole too
 */
export function valueScale(
  min: number,
  max: number,
  maxSteps: number,
  isWhole: boolean,
): ValueScale {
  const span = max - min > smallestSpan ? max - min : isWhole ? 4 : 1
  const step = roundStep(span / Math.max(1, maxSteps), isWhole)
  const first = Math.floor(min / step)
  const last = Math.max(Math.ceil(max / step), first + 1)
  const ticks = Array.from({ length: last - first + 1 }, (_, index) =>
    multiple(first + index, step),
  )
  return { min: multiple(first, step), max: multiple(last, step), ticks }
}

/** Smaller differences are rounding errors, and too small to draw. */
const smallestSpan = 1e-100

const factors = [1, 2, 2.5, 5, 10]

/** Returns 1, 2, 2.5 or 5 times a power of ten, not below a number. */
function roundStep(atLeast: number, isWhole: boolean): number {
  if (isWhole && atLeast <= 1) return 1
  const power = 10 ** Math.floor(Math.log10(atLeast))
  const fits = (factor: number): boolean =>
    factor * power >= atLeast * (1 - 1e-9) && (!isWhole || Number.isInteger(factor * power))
  const factor = factors.find(fits) ?? 10
  return Number((factor * power).toPrecision(12))
}

/** Multiplies without the rounding error of `3 * 0.1`. */
function multiple(count: number, step: number): number {
  return Number((count * step).toPrecision(12))
}

/** Returns the height of a value in the chart, from 0 at the bottom to 1 at the top. */
export function fractionOf(value: number, { min, max }: ValueScale): number {
  return (value - min) / (max - min)
}
