/** Number of shades of the map, besides that of countries without visitors. */
export const maxSteps = 5

/** Numbers of visitors that share a shade. */
export interface ColorStep {
  readonly from: number
  /** Inclusive. */
  readonly to: number
}

/**
 * Returns the steps for a largest number, from few to many. They grow by a constant factor, because visitors per country
 * differ by factors: with equal steps, one large country would leave all others in the first shade.
 */
export function colorSteps(max: number): ColorStep[] {
  if (!(max > 0)) return []
  const largest = Math.ceil(max)
  const starts = Array.from({ length: maxSteps }, (_, index) =>
    Math.ceil((largest + 1) ** (index / maxSteps) - 1e-9),
  )
  const unique = [...new Set(starts)].filter(start => start <= largest)
  return unique.map((from, index) => ({ from, to: (unique[index + 1] ?? largest + 1) - 1 }))
}

/** Returns the shade of a number, from 1 (few) to 5 (the largest); 0 without visitors. */
export function shadeOf(visitors: number, steps: readonly ColorStep[]): number {
  if (!(visitors > 0)) return 0
  const index = steps.findLastIndex(({ from }) => visitors >= from)
  return shadeOfStep(Math.max(0, index), steps)
}

/** Returns the shade of a step: the last step always has the strongest shade. */
export function shadeOfStep(index: number, steps: readonly ColorStep[]): number {
  return index + 1 + maxSteps - steps.length
}
