/** Colors of a chart, as CSS colors. */
export interface Palette {
  /** Background of the chart. */
  readonly surface: string
  /** Grid lines, and the hatching of unknown points. */
  readonly line: string
  /** Line of the earlier range. */
  readonly quiet: string
  /** Lines and bars, repeated when there are more series. */
  readonly series: readonly string[]
}

/** Number of different colors of series. */
export const seriesColorCount = 6

/** Colors without the kit's style sheet. Each has a contrast of at least 3:1 on white and on black. */
const fallback: Palette = {
  surface: '#ffffff',
  line: '#8888',
  quiet: '#7a7f87',
  series: ['#0a8494', '#b06a00', '#8b5cf6', '#c9416f', '#2f8f57', '#3b78d8'],
}

/**
 * Reads the colors of the theme from elements with the class `tm-chart__color`: browsers resolve variables and mixed
 * colors only in properties of an element.
 * @param root element with the color elements, in the order surface, line, quiet, series
 */
export function readPalette(root: Element): Palette {
  const styles = [...root.children].map(element => getComputedStyle(element))
  if (!styles[0]?.getPropertyValue('--_tm-chart-series-1')) return fallback
  const [surface = '', line = '', quiet = '', ...series] = styles.map(({ color }) => color)
  return { surface, line, quiet, series }
}

export function isSamePalette(a: Palette, b: Palette): boolean {
  return Object.values(a).flat().join() === Object.values(b).flat().join()
}

/** Returns the color of a series. */
export function seriesColor({ series }: Palette, index: number): string {
  return series[index % series.length] ?? fallback.quiet
}

/** Returns a color with an opacity from 0 to 1, for opaque colors as computed styles have them. */
export function withAlpha(color: string, alpha: number): string {
  const [, hex] = /^#([\da-f]{6})$/i.exec(color) ?? []
  if (hex !== undefined) return `#${hex}${hexByte(alpha * 255)}`
  const [, channels] = /^rgba?\(([^/)]+?)\)$/.exec(color) ?? []
  const parts = channels?.split(/[\s,]+/).slice(0, 3)
  if (parts?.length === 3) return `rgba(${parts.join(', ')}, ${alpha})`
  return `color-mix(in srgb, ${color} ${alpha * 100}%, transparent)`
}

function hexByte(value: number): string {
  return Math.round(value).toString(16).padStart(2, '0')
}
