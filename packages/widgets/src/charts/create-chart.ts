import {
  BarController,
  BarElement,
  Chart,
  LineController,
  LineElement,
  LinearScale,
  PointElement,
} from 'chart.js'
import { areaFills } from './area-fills.ts'
import { type OptionsInput, toOptions } from './chart-options.ts'
import { type PlotDataset, toDatasets } from './datasets.ts'
import type { ChartPoint } from './line-pieces.ts'
import type { Plot } from './plot.ts'
import { unknownBands } from './unknown-bands.ts'

export interface DrawInput extends Omit<OptionsInput, 'isAnimated'> {
  /** Whether changes of bars are animated. */
  readonly animate: boolean
}

/** A drawn chart. */
export interface DrawnChart {
  /** Draws other data, in other colors. */
  draw(input: DrawInput): void
  destroy(): void
}

/** With more points an animation is not visible, and slow. */
const maxAnimatedPoints = 120

/**
 * Draws a chart on a canvas, in the size of the canvas's parent.
 * @param onResize called with the width in CSS pixels, also for the first size
 */
export function createChart(
  canvas: HTMLCanvasElement,
  first: DrawInput,
  onResize: (widthPx: number) => void,
): DrawnChart | undefined {
  // Without a context, as in some tests of hosts, there is a table but no drawing.
  if (!canvas.getContext('2d')) return undefined
  // Registers only the used parts, so that bundlers leave the others out. Most bundlers keep four unused scales (6 kB
  // gzip), because the classes of these scales read properties when the module loads.
  Chart.register(BarController, BarElement, LineController, LineElement, LinearScale, PointElement)
  let shown: Plot | undefined
  const bands = unknownBands()
  const areas = areaFills()

  const chart = new Chart<'line' | 'bar', ChartPoint[]>(canvas, {
    type: 'line',
    data: { datasets: [] },
    options: {
      ...toOptions({ ...first, isAnimated: false }),
      onResize: (_, { width }) => onResize(width),
    },
    plugins: [bands.plugin, areas.plugin],
  })

  function draw(input: DrawInput): void {
    const isAnimated =
      input.animate &&
      input.plot.kind === 'bar' &&
      input.plot.count <= maxAnimatedPoints &&
      shown !== undefined &&
      isSameShape(shown, input.plot)
    shown = input.plot
    bands.set(input.plot, input.palette.line)
    const surface = {
      context: chart.ctx,
      heightPx: chart.height,
      pixelRatio: chart.currentDevicePixelRatio,
    }
    const { onResize: keep } = chart.options
    chart.options = { ...toOptions({ ...input, isAnimated }), ...(keep && { onResize: keep }) }
    const drawn = toDatasets(input.plot, input.palette, surface)
    const datasets = keepIdentity(
      chart.data.datasets,
      drawn.map(({ dataset }) => dataset),
    )
    const fills = drawn.flatMap(({ fill }, index) => {
      const dataset = datasets[index]
      return fill && dataset ? [[dataset, fill] as const] : []
    })
    areas.set(new Map(fills))
    chart.data.datasets = datasets
    chart.update(isAnimated ? 'default' : 'none')
  }

  draw(first)
  onResize(chart.width)
  return { draw, destroy: () => chart.destroy() }
}

/**
 * Returns the next datasets, in the current objects where possible: Chart.js knows a dataset by its object, and only
 * then reuses its elements and moves them.
 */
function keepIdentity(
  current: readonly PlotDataset[],
  next: readonly PlotDataset[],
): PlotDataset[] {
  return next.map((dataset, index) => {
    const existing = current[index]
    if (!existing || existing.type !== dataset.type) return dataset
    for (const key of Object.keys(existing))
      if (!(key in dataset)) Reflect.deleteProperty(existing, key)
    return Object.assign(existing, dataset)
  })
}

/** Whether two plots have the same points, so that only values move. In a sliding window the points move too. */
function isSameShape(a: Plot, b: Plot): boolean {
  return (
    a.kind === b.kind &&
    a.count === b.count &&
    a.count > 0 &&
    a.keyOf(0) === b.keyOf(0) &&
    a.series.map(({ key }) => key).join() === b.series.map(({ key }) => key).join()
  )
}
