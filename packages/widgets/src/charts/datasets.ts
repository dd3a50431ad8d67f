import type { ChartDataset } from 'chart.js'
import type { AreaFill } from './area-fills.ts'
import { type ChartPoint, linePieces } from './line-pieces.ts'
import { type Palette, seriesColor, withAlpha } from './palette.ts'
import { createFade, createHatch } from './patterns.ts'
import type { Plot, PlotSeries } from './plot.ts'

/** Dataset of a chart that mixes lines and bars. */
export type PlotDataset = ChartDataset<'line' | 'bar', ChartPoint[]>

/** A dataset with the fill of the area below its line. */
export interface DrawnDataset {
  readonly dataset: PlotDataset
  readonly fill?: AreaFill
}

/** Surface that fills are created for. */
export interface Surface {
  readonly context: CanvasRenderingContext2D
  readonly heightPx: number
  /** Device pixels per CSS pixel. */
  readonly pixelRatio: number
}

const dash = [4, 4]
const lineWidth = 2

/** More points are drawn without smooth curves, which would take longer and not be visible. */
const maxCurvedPoints = 120

/** Returns the datasets of a plot: for each series its bars, or the pieces of its line. */
export function toDatasets(plot: Plot, palette: Palette, surface: Surface): DrawnDataset[] {
  const lines: DrawnDataset[] = []
  const bars: DrawnDataset[] = []
  let colorIndex = 0
  for (const series of plot.series) {
    if (series.isComparison) {
      lines.push(...comparisonLine(plot, series, palette))
      continue
    }
    const color = seriesColor(palette, colorIndex)
    colorIndex += 1
    if (plot.kind === 'bar') bars.push({ dataset: barsOf(plot, series, color, surface) })
    else lines.push(...lineOf(plot, series, color, surface))
  }
  return [...lines, ...bars]
}

function xOf({ positions }: Plot): (index: number) => number {
  return positions ? index => positions[index] ?? 0 : index => index
}

function curveOf({ count }: Plot): { cubicInterpolationMode?: 'monotone' } {
  return count <= maxCurvedPoints ? { cubicInterpolationMode: 'monotone' } : {}
}

function lineOf(
  plot: Plot,
  { values, label }: PlotSeries,
  color: string,
  { context, heightPx }: Surface,
): DrawnDataset[] {
  const { solid, dashed, dots } = linePieces(values, xOf(plot), index => plot.partial.has(index))
  // Overlapping areas of several lines hide each other.
  const isFilled = plot.series.filter(({ isComparison }) => !isComparison).length === 1
  const fadeFrom = (opacity: number): { fill?: AreaFill } => {
    if (!isFilled) return {}
    const ends = [withAlpha(color, opacity), withAlpha(color, 0)] as const
    return { fill: createFade(context, heightPx, ends) }
  }
  const shared = {
    type: 'line',
    label,
    borderColor: color,
    borderWidth: lineWidth,
    animation: false,
  } as const
  const drawn: DrawnDataset[] = [
    { dataset: { ...shared, ...curveOf(plot), data: solid }, ...fadeFrom(0.2) },
  ]
  if (dashed.length > 0)
    drawn.push({ dataset: { ...shared, data: dashed, borderDash: dash }, ...fadeFrom(0.1) })
  if (dots.length > 0) drawn.push({ dataset: dotsOf(dots, color) })
  return drawn
}

function dotsOf(data: ChartPoint[], color: string): PlotDataset {
  return {
    type: 'line',
    data,
    animation: false,
    showLine: false,
    pointRadius: 2.5,
    pointBackgroundColor: color,
    borderColor: color,
  }
}

function comparisonLine(
  plot: Plot,
  { values, label }: PlotSeries,
  { quiet, surface }: Palette,
): DrawnDataset[] {
  const { solid, dots } = linePieces(values, xOf(plot), () => false)
  const shared = {
    type: 'line',
    label,
    data: solid,
    animation: false,
    ...curveOf(plot),
  } as const
  const datasets: PlotDataset[] = [
    { ...shared, borderColor: quiet, borderWidth: 1.5, borderDash: dash },
    ...(dots.length > 0 ? [dotsOf(dots, quiet)] : []),
    // Sets the line off from the bars; the first dataset is drawn on top.
    ...(plot.kind === 'bar' ? [{ ...shared, borderColor: surface, borderWidth: 4 }] : []),
  ]
  return datasets.map(dataset => ({ dataset }))
}

function barsOf(
  { partial }: Plot,
  { values, label }: PlotSeries,
  color: string,
  { context, pixelRatio }: Surface,
): PlotDataset {
  const data = values.map((value, index) => ({ x: index, y: value ?? Number.NaN }))
  const hatch = (): CanvasPattern | string =>
    createHatch(context, withAlpha(color, 0.55), pixelRatio, withAlpha(color, 0.2))
  const partialColor = partial.size > 0 ? hatch() : color
  return {
    type: 'bar',
    label,
    data,
    backgroundColor:
      partial.size > 0
        ? values.map((_, index) => (partial.has(index) ? partialColor : color))
        : color,
  }
}
