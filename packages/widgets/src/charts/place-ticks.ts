import { type PointLayout, positionOf } from './brush.ts'
import type { PlotTick } from './plot.ts'

/** A label with its place below the axis. */
export interface PlacedTick extends PlotTick {
  /** From 0 to 1. */
  readonly position: number
  /** End of the axis at which the label is aligned, as it would not fit if centered. */
  readonly edge: 'start' | 'end' | undefined
}

/** Smallest distance of two labels, in characters. */
const minGap = 1.5

/**
 * Places labels below the axis. One that would overlap a later one is left out.
 * @param maxCharacters room on the axis, in characters
 */
export function placeTicks(
  ticks: readonly PlotTick[],
  layout: PointLayout,
  maxCharacters: number,
): PlacedTick[] {
  const placed: PlacedTick[] = []
  let nextStart = Infinity
  for (const tick of ticks.toReversed()) {
    const position = positionOf(tick.index, layout)
    const [center, half] = [position * maxCharacters, tick.text.length / 2]
    const overflowsEnd = center + half > maxCharacters + 1
    const overflowsStart = center - half < -1
    const start = overflowsEnd ? center - 2 * half : overflowsStart ? center : center - half
    if (start + 2 * half + minGap > nextStart) continue
    nextStart = start
    const edge = overflowsEnd ? 'end' : overflowsStart ? 'start' : undefined
    placed.unshift({ ...tick, position, edge })
  }
  return placed
}
