import { type ChartDataset, LineElement, type Plugin } from 'chart.js'

/** Fill of an area below a line. */
export type AreaFill = CanvasGradient | string

/** Fills the areas between lines and zero. Chart.js's own plugin can do much more, and is ten times as large. */
export interface AreaFills {
  readonly plugin: Plugin<'line' | 'bar'>
  /** Replaces the fills, by dataset. */
  set(fills: ReadonlyMap<object, AreaFill>): void
}

export function areaFills(): AreaFills {
  let fills: ReadonlyMap<object, AreaFill> = new Map()
  return {
    set: next => void (fills = next),
    plugin: {
      id: 'tidemark-area',
      beforeDatasetDraw({ chartArea, ctx, data, scales }, { index, meta }) {
        const dataset: ChartDataset | undefined = data.datasets[index]
        const fill = dataset && fills.get(dataset)
        const line = meta.dataset
        const zero = scales['y']?.getPixelForValue(0)
        if (!fill || zero === undefined || !(line instanceof LineElement)) return
        // The line computes its curves when it is drawn, which is after this.
        line.updateControlPoints(chartArea, 'x')
        ctx.save()
        ctx.fillStyle = fill
        for (const segment of line.segments) fillSegment(ctx, line, segment, zero)
        ctx.restore()
      },
    },
  }
}

function fillSegment(
  ctx: CanvasRenderingContext2D,
  line: LineElement,
  segment: { start: number; end: number },
  zero: number,
): void {
  const [from, to] = [line.points[segment.start]?.x, line.points[segment.end]?.x]
  if (typeof from !== 'number' || typeof to !== 'number') return
  ctx.beginPath()
  line.pathSegment(ctx, { ...segment, loop: false }, {})
  ctx.lineTo(to, zero)
  ctx.lineTo(from, zero)
  ctx.closePath()
  ctx.fill()
}
