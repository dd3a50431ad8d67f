/** A point as Chart.js takes it; `NaN` as `y` interrupts the line. */
export interface ChartPoint {
  x: number
  y: number
}

/** A line, split by the way in which its parts are drawn. */
export interface LinePieces {
  /** Between complete points. */
  readonly solid: ChartPoint[]
  /** From, to and between partial points. */
  readonly dashed: ChartPoint[]
  /** Points without neighbors, which no line reaches. */
  readonly dots: ChartPoint[]
}

/**
 * Splits a line into pieces.
 * @param xOf position of a point by index
 * @param isPartial whether a point is partial, by index
 */
export function linePieces(
  values: readonly (number | undefined)[],
  xOf: (index: number) => number,
  isPartial: (index: number) => boolean,
): LinePieces {
  const solid: ChartPoint[] = []
  const dashed: ChartPoint[] = []
  const dots: ChartPoint[] = []
  for (const [index, value] of values.entries()) {
    const x = xOf(index)
    const partial = isPartial(index)
    solid.push({ x, y: value === undefined || partial ? Number.NaN : value })
    if (value === undefined) continue
    const before = values[index - 1]
    const after = values[index + 1]
    if (before === undefined && after === undefined) dots.push({ x, y: value })
    if (!partial) continue
    const follows = before !== undefined && isPartial(index - 1)
    if (before !== undefined && !follows) dashed.push({ x: xOf(index - 1), y: before })
    dashed.push({ x, y: value })
    if (after !== undefined && !isPartial(index + 1)) {
      dashed.push({ x: xOf(index + 1), y: after }, { x: xOf(index + 1), y: Number.NaN })
    } else if (after === undefined) dashed.push({ x, y: Number.NaN })
  }
  return { solid, dashed, dots }
}
