import type { PartialReason } from '../useSeries/series-point.ts'
import type { PointLayout } from './brush.ts'

/** One line or one set of bars. */
export interface PlotSeries {
  readonly key: string
  readonly label: string
  /** One value for each point; `undefined` is a gap. */
  readonly values: readonly (number | undefined)[]
  /** Whether these are the values of an earlier range, drawn as a dashed line. */
  readonly isComparison?: boolean
}

export interface PlotTick {
  readonly index: number
  readonly text: string
}

/** Data of a chart, independent of its size, colors and language. All series have the same points. */
export interface Plot {
  readonly kind: 'line' | 'bar'
  /** Number of points. */
  readonly count: number
  readonly series: readonly PlotSeries[]
  /** Points that are not complete, by index. */
  readonly partial: ReadonlyMap<number, PartialReason>
  /** Positions of the points of a line, from 0 to 1, ascending. @default evenly spaced */
  readonly positions?: readonly number[] | undefined
  /** Identity of a point, stable while a live window slides. */
  keyOf(index: number): string | number
  /** Complete name of a point, such as its time. */
  nameOf(index: number): string
  /** Short name of a point, as below the axis. @default the complete name */
  shortNameOf?(index: number): string
  /** Name of the point of the earlier range that a point is compared with. */
  comparedNameOf?(index: number): string | undefined
  /** Labels of the axis. @param maxCharacters room on the axis, in characters */
  ticks(maxCharacters: number): readonly PlotTick[]
  /** Number of points that are not pending. @default all */
  readonly pastCount?: number | undefined
}

export function layoutOf({ kind, count, positions }: Plot): PointLayout {
  return { count, hasSlots: kind === 'bar', positions }
}

/** Indexes of the points without a value in any series of the range itself. */
export function unknownIndexes({ series, count, pastCount = count }: Plot): number[] {
  const current = series.filter(({ isComparison }) => !isComparison)
  const indexes: number[] = []
  for (let index = 0; index < pastCount; index += 1)
    if (current.every(({ values }) => values[index] === undefined)) indexes.push(index)
  return indexes
}

/** Whether a chart has a number to show. */
export function hasNumbers({ series }: Pick<Plot, 'series'>): boolean {
  return series.some(({ values }) => values.some(value => value !== undefined))
}

/** Whether all numbers are whole, so that the axis needs no decimals. */
export function hasOnlyWhole({ series }: Pick<Plot, 'series'>): boolean {
  return series.every(({ values }) =>
    values.every(value => value === undefined || Number.isInteger(value)),
  )
}
