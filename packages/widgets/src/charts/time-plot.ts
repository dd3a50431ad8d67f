import type { Granularity } from '../fetchMetrics/metrics.ts'
import type { PartialReason, SeriesPoint } from '../useSeries/series-point.ts'
import type { Plot, PlotSeries, PlotTick } from './plot.ts'
import { timeLabels } from './time-labels.ts'
import { timeTicks } from './time-ticks.ts'
import { isTimeZone, offsetOfDays, zoneOffset } from './time-zone.ts'

export interface TimePlotOptions {
  readonly kind: 'line' | 'bar'
  readonly granularity: Granularity
  readonly points: readonly SeriesPoint[]
  /** Name of the series. */
  readonly label: string
  /** Points of the earlier range, aligned by index. */
  readonly comparison?: readonly (SeriesPoint | undefined)[] | undefined
  /** Name of the earlier range. */
  readonly comparisonLabel?: string
  readonly locale: string
  /** IANA time zone. @default the reader's; for days the server's */
  readonly timeZone?: string | undefined
  /** Label of the last point of a live chart. */
  readonly nowLabel?: string | undefined
}

/** Room between two labels of the axis, in characters. */
const gapCharacters = 3

/** Returns the plot of a series of buckets. */
export function timePlot(options: TimePlotOptions): Plot {
  const { kind, granularity, points, comparison, locale, timeZone, nowLabel } = options
  const starts = points.map(({ at }) => at)
  const zone = timeZone !== undefined && isTimeZone(timeZone) ? timeZone : undefined
  const offsetFor = (times: readonly number[]) =>
    granularity === 'day' && zone === undefined ? offsetOfDays(times) : zoneOffset(zone)
  const offset = offsetFor(starts)
  const [first = 0, last = 0] = [starts[0], starts.at(-1)]
  const labels = timeLabels(granularity, locale, offset, last - first)
  const nameAt = (at: number | undefined): string => (at === undefined ? '' : labels.full(at))

  const series: PlotSeries[] = [
    { key: 'value', label: options.label, values: points.map(({ value }) => value) },
  ]
  if (comparison) {
    const values = comparison.map(point => point?.value)
    const label = options.comparisonLabel ?? ''
    series.push({ key: 'previous', label, values, isComparison: true })
  }
  const comparedStarts = comparison?.map(point => point?.at)
  const comparedLabels =
    comparedStarts &&
    timeLabels(
      granularity,
      locale,
      offsetFor(comparedStarts.filter(at => at !== undefined)),
      last - first,
    )

  return {
    kind,
    count: points.length,
    series,
    partial: partialPoints(points),
    pastCount: pastCount(points),
    keyOf: index => starts[index] ?? index,
    nameOf: index => nameAt(starts[index]),
    shortNameOf: index => labels.tick(starts[index] ?? 0),
    comparedNameOf(index) {
      const at = comparedStarts?.[index]
      return at === undefined ? undefined : comparedLabels?.full(at)
    },
    ticks(maxCharacters) {
      const length = Math.max(...[first, last].map(at => labels.tick(at).length))
      const maxTicks = tickCount(maxCharacters, length)
      const indexes = timeTicks(starts, granularity, maxTicks, offset)
      const ticks = indexes.map(index => ({ index, text: labels.tick(starts[index] ?? 0) }))
      // A label that overlaps the last one is not drawn.
      return nowLabel === undefined ? ticks : withNow(ticks, points.length, nowLabel)
    },
  }
}

/** Returns the number of labels that fit; at both ends there is room for half a label outside. */
export function tickCount(maxCharacters: number, labelLength: number): number {
  return maxCharacters > 0 ? Math.floor(maxCharacters / (labelLength + gapCharacters)) + 1 : 0
}

function withNow(ticks: readonly PlotTick[], count: number, text: string): PlotTick[] {
  const index = count - 1
  return index < 0 ? [] : [...ticks.filter(tick => tick.index !== index), { index, text }]
}

function partialPoints(points: readonly SeriesPoint[]): ReadonlyMap<number, PartialReason> {
  const partial = new Map<number, PartialReason>()
  for (const [index, point] of points.entries())
    if (point.isPartial && point.value !== undefined) partial.set(index, point.partial ?? 'running')
  return partial
}

/** Returns the number of points before the first one in the future. */
function pastCount(points: readonly SeriesPoint[]): number {
  const future = points.findIndex(({ gap }) => gap === 'pending')
  return future < 0 ? points.length : future
}
