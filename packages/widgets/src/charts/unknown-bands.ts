import type { Plugin } from 'chart.js'
import { spanEdges } from './brush.ts'
import { createHatch } from './patterns.ts'
import { type Plot, layoutOf, unknownIndexes } from './plot.ts'

/** Hatches the points without a value, behind lines and bars. */
export interface UnknownBands {
  readonly plugin: Plugin<'line' | 'bar'>
  set(plot: Plot, color: string): void
}

export function unknownBands(): UnknownBands {
  let bands: (readonly [number, number])[] = []
  let color = 'transparent'
  return {
    set(plot, lineColor) {
      color = lineColor
      bands = bandsOf(plot)
    },
    plugin: {
      id: 'tidemark-unknown',
      beforeDatasetsDraw({ ctx, chartArea, scales, currentDevicePixelRatio }) {
        if (bands.length === 0) return
        const { top, height, left, width } = chartArea
        ctx.save()
        ctx.fillStyle = createHatch(ctx, color, currentDevicePixelRatio)
        for (const [start, end] of bands) {
          const from = scales['x']?.options.reverse ? 1 - end : start
          ctx.fillRect(left + from * width, top, (end - start) * width, height)
        }
        ctx.restore()
      },
    },
  }
}

/** Returns the edges of each run of unknown points, from 0 to 1; none for a chart without data. */
function bandsOf(plot: Plot): (readonly [number, number])[] {
  const layout = layoutOf(plot)
  const half = layout.hasSlots || plot.count < 2 ? 0 : 0.5 / (plot.count - 1)
  const indexes = unknownIndexes(plot)
  if (indexes.length === (plot.pastCount ?? plot.count)) return []
  const bands: (readonly [number, number])[] = []
  let first: number | undefined
  for (const [place, index] of indexes.entries()) {
    first ??= index
    if (indexes[place + 1] === index + 1) continue
    const [start, end] = spanEdges({ first, last: index }, layout)
    bands.push([Math.max(0, start - half), Math.min(1, end + half)])
    first = undefined
  }
  return bands
}
