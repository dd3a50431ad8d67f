import { Chart, type ChartOptions } from 'chart.js'
import type { Palette } from './palette.ts'
import type { Plot } from './plot.ts'
import type { ValueScale } from './value-scale.ts'

/** Space above the plot for half the width of a line, in CSS pixels. */
export const topPaddingPx = 4
export const bottomPaddingPx = 2

export interface OptionsInput {
  readonly plot: Plot
  readonly scale: ValueScale
  readonly palette: Palette
  readonly isRightToLeft: boolean
  /** Whether this change is animated. */
  readonly isAnimated: boolean
}

/**
 * Returns the options of Chart.js. It draws grid, lines and bars only: labels, tooltip and selection are HTML, so that
 * they follow the style sheet, the language and the writing direction of the page.
 */
export function toOptions(input: OptionsInput): ChartOptions<'line' | 'bar'> {
  const { scale, palette, isAnimated } = input
  return {
    responsive: true,
    maintainAspectRatio: false,
    events: [],
    parsing: false,
    normalized: true,
    animation: isAnimated ? { duration: 300, easing: 'easeOutCubic' } : false,
    // Bars grow; they do not move along the axis, as after a change of the size.
    animations: {
      colors: false,
      numbers: { type: 'number', properties: ['y', 'base', 'height'] },
    },
    layout: {
      padding: { top: topPaddingPx, bottom: bottomPaddingPx, left: 0, right: 0 },
      autoPadding: false,
    },
    plugins: withoutPlugins(),
    elements: {
      point: { radius: 0, hitRadius: 0, hoverRadius: 0 },
      line: {
        borderCapStyle: 'round',
        borderJoinStyle: 'round',
        fill: false,
        stepped: false,
        tension: 0,
      },
      bar: { borderRadius: 3, borderSkipped: 'start', borderWidth: 0 },
    },
    datasets: {
      bar: { barPercentage: 0.82, categoryPercentage: 0.96, maxBarThickness: 56 },
      // The top of a line at the edge of the chart is not cut.
      line: { clip: topPaddingPx, spanGaps: false },
    },
    scales: {
      x: { ...xScale(input), display: false },
      y: {
        type: 'linear',
        min: scale.min,
        max: scale.max,
        border: { display: false },
        grid: { color: palette.line, drawTicks: false, lineWidth: 1 },
        ticks: { display: false, autoSkip: false },
        afterBuildTicks(axis) {
          axis.ticks = scale.ticks.map(value => ({ value }))
        },
      },
    },
  }
}

/** Switches off the plugins that the host has registered for all charts, such as the legend of `chart.js/auto`. */
function withoutPlugins(): NonNullable<ChartOptions<'line' | 'bar'>['plugins']> {
  // The types of Chart.js do not have this list.
  const registered: unknown = Reflect.get(Chart.registry.plugins, 'items')
  const plugins = {}
  for (const id of Object.keys(registered ?? {})) Reflect.set(plugins, id, false)
  return plugins
}

function xScale({ plot, isRightToLeft }: OptionsInput): {
  type: 'linear'
  min: number
  max: number
  reverse: boolean
  offset: false
} {
  const shared = { type: 'linear', reverse: isRightToLeft, offset: false } as const
  if (plot.positions) return { ...shared, min: 0, max: 1 }
  // A bar has half a slot on both sides of its point; so has a lonely point.
  const half = plot.kind === 'bar' || plot.count < 2 ? 0.5 : 0
  return { ...shared, min: -half, max: Math.max(0, plot.count - 1) + half }
}
