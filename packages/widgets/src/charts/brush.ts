/** Part of a chart, by indexes of points; both ends are included. */
export interface IndexSpan {
  readonly first: number
  readonly last: number
}

/** A time range, in milliseconds since 1970; `to` is exclusive. */
export interface TimeRange {
  readonly from: number
  readonly to: number
}

/** Smallest movement that selects, in pixels. A shorter one is a click or a tap. */
export const minBrushPx = 6

/** Position of points along the chart. */
export interface PointLayout {
  readonly count: number
  /** Whether a point is a slot with a width, as a bar; otherwise the first and last point are at the edges. */
  readonly hasSlots: boolean
  /** Positions from 0 to 1, ascending. @default evenly spaced */
  readonly positions?: readonly number[] | undefined
}

/** Returns the position of a point from 0 (start of the chart) to 1. */
export function positionOf(index: number, { count, hasSlots, positions }: PointLayout): number {
  if (positions) return positions[index] ?? 0.5
  if (hasSlots) return (index + 0.5) / Math.max(1, count)
  return count > 1 ? index / (count - 1) : 0.5
}

/** Returns the index of the point nearest to a position from 0 to 1. */
export function indexAt(position: number, layout: PointLayout): number {
  const { count, hasSlots, positions } = layout
  if (positions) return nearestIndex(position, positions)
  const index = hasSlots ? Math.floor(position * count) : Math.round(position * (count - 1))
  return Math.max(0, Math.min(count - 1, index))
}

function nearestIndex(position: number, positions: readonly number[]): number {
  const distance = (index: number): number => Math.abs((positions[index] ?? Infinity) - position)
  return positions.reduce((best, _, index) => (distance(index) < distance(best) ? index : best), 0)
}

/** Returns the edges of a span, from 0 to 1. */
export function spanEdges({ first, last }: IndexSpan, layout: PointLayout): [number, number] {
  const half = layout.hasSlots ? 0.5 / Math.max(1, layout.count) : 0
  return [positionOf(first, layout) - half, positionOf(last, layout) + half]
}

/** Returns the span between two points, in any order. */
export function spanBetween(a: number, b: number): IndexSpan {
  return { first: Math.min(a, b), last: Math.max(a, b) }
}

/**
 * Returns the time range of a span, from the start of its first bucket to the end of its last one.
 * @param usualMs usual length of a bucket, for the last one
 */
export function rangeOf(
  { first, last }: IndexSpan,
  starts: readonly number[],
  usualMs: number,
): TimeRange | undefined {
  const from = starts[first]
  const lastStart = starts[last]
  if (from === undefined || lastStart === undefined) return undefined
  return { from, to: starts[last + 1] ?? lastStart + usualMs }
}

/** A key that moves the cursor, or the end of a selection with Shift. */
export function movedIndex(
  key: string,
  index: number,
  count: number,
  isRightToLeft: boolean,
): number | undefined {
  const page = Math.max(1, Math.round(count / 10))
  const forward = isRightToLeft ? -1 : 1
  const steps: Readonly<Record<string, number>> = {
    ArrowRight: forward,
    ArrowLeft: -forward,
    ArrowUp: 1,
    ArrowDown: -1,
    PageUp: page,
    PageDown: -page,
    Home: -count,
    End: count,
  }
  const step = new Map(Object.entries(steps)).get(key)
  return step === undefined ? undefined : Math.max(0, Math.min(count - 1, index + step))
}
