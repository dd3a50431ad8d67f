import type { Translate } from '../settings/useTexts.ts'
import type { chartTexts } from '../messages/en/chart.ts'
import type { Plot } from './plot.ts'

export type ChartTexts = Translate<keyof typeof chartTexts>

/** Texts and formats of one chart. */
export interface PlotTexts {
  readonly t: ChartTexts
  /** Formats a value. */
  number(value: number): string
  /** Formats a value of an axis with a largest value. */
  axisNumber(value: number, largest: number): string
}

/** A value of a point, ready to be shown. */
export interface PointValue {
  readonly key: string
  readonly label: string
  /** Formatted value, or the text for no data. */
  readonly text: string
  readonly isComparison: boolean
  readonly value: number | undefined
  /** Name of the compared point. */
  readonly comparedName: string | undefined
}

/** Returns the values of all series at a point. */
export function valuesAt(plot: Plot, index: number, { t, number }: PlotTexts): PointValue[] {
  return plot.series.map(({ key, label, values, isComparison = false }) => {
    const value = values[index]
    return {
      key,
      label,
      value,
      isComparison,
      text: value === undefined ? t('noData') : number(value),
      comparedName: isComparison ? plot.comparedNameOf?.(index) : undefined,
    }
  })
}

/** Returns the name of a point with a note if it is partial: `10:05 (so far)`. */
export function nameWithNote(plot: Plot, index: number, t: ChartTexts): string {
  const partial = plot.partial.get(index)
  const name = plot.nameOf(index)
  return partial ? t('note', { text: name, note: t(partial) }) : name
}

/** Returns a point in one sentence, for a screen reader. */
export function describePoint(plot: Plot, index: number, texts: PlotTexts): string {
  const { t } = texts
  const values = valuesAt(plot, index, texts)
  const parts = values.map(({ label, text }) =>
    values.length === 1 ? text : t('seriesValue', { label, value: text }),
  )
  return t('point', { name: nameWithNote(plot, index, t), values: parts.join(', ') })
}

/** Point with the largest value of the first series; `undefined` without a number. */
export function peakOf({ series }: Plot): { index: number; value: number } | undefined {
  let peak: { index: number; value: number } | undefined
  for (const [index, value] of series[0]?.values.entries() ?? [])
    if (value !== undefined && (!peak || value > peak.value)) peak = { index, value }
  return peak
}

/** Returns the label of the canvas: range, highest and latest value. */
export function describePlot(plot: Plot, title: string, { t, number }: PlotTexts): string {
  const peak = peakOf(plot)
  const lastIndex = plot.series[0]?.values.findLastIndex(value => value !== undefined) ?? -1
  const last = plot.series[0]?.values[lastIndex]
  if (!peak || last === undefined) return t('summaryEmpty', { title })
  return t('summary', {
    title,
    from: plot.nameOf(0),
    to: plot.nameOf(plot.count - 1),
    max: number(peak.value),
    maxName: plot.nameOf(peak.index),
    last: number(last),
  })
}
