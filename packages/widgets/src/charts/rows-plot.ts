import { granularityOf } from '../useSeries/granularity-of.ts'
import { toNumber, toTime } from '../useSeries/to-number.ts'
import { formatDecimal } from '../text/format-number.ts'
import type { Plot, PlotSeries, PlotTick } from './plot.ts'
import { timeLabels } from './time-labels.ts'
import { tickCount } from './time-plot.ts'
import { spreadTicks, timeTicks } from './time-ticks.ts'
import { isTimeZone, offsetOfDays, zoneOffset } from './time-zone.ts'

/** A property of a row, with the name of its line or bars. */
export interface ValueKey<Name extends string = string> {
  readonly key: Name
  readonly label: string
}

export interface RowsPlotOptions<Row extends object> {
  readonly kind: 'line' | 'bar'
  readonly rows: readonly Row[]
  readonly xKey: keyof Row
  readonly values: readonly ValueKey<keyof Row & string>[]
  readonly locale: string
  readonly timeZone?: string | undefined
}

/** Meaning of the property along the axis: times, numbers, or names without an order. */
export type AxisKind = 'time' | 'number' | 'name'

/** More rows are not drawn; the last ones stay. */
const maxRows = 3660

/** Longest name below the axis, in characters. */
const maxTickCharacters = 14

/** One row with its place on the axis. */
interface PlacedRow<Row> {
  readonly row: Row
  /** Time, number or place in the data. */
  readonly x: number
}

/** Returns the meaning of a property by all its values. Rows without a value do not count. */
export function axisKind<Row extends object>(rows: readonly Row[], xKey: keyof Row): AxisKind {
  const known = rows.map(row => row[xKey]).filter(value => value !== null && value !== undefined)
  if (known.length === 0) return 'name'
  const isNumber = (value: unknown): boolean =>
    typeof value === 'number' || typeof value === 'bigint'
  if (known.every(isNumber)) return 'number'
  return known.every(value => !isNumber(value) && toTime(value) !== undefined) ? 'time' : 'name'
}

/** Plot of the rows of a host. */
export interface RowsPlot<Row extends object> extends Plot {
  /** The row of each point. */
  readonly rows: readonly Row[]
  /** The time of each point, in milliseconds since 1970; `undefined` for an axis of numbers or names. */
  readonly times: readonly number[] | undefined
}

/** Returns the plot of the rows of a host. Rows without a valid time or number on the axis are left out. */
export function rowsPlot<Row extends object>(options: RowsPlotOptions<Row>): RowsPlot<Row> {
  const { kind, rows, xKey, values } = options
  const axis = axisKind(rows, xKey)
  const placed = placeRows(rows, xKey, axis).slice(-maxRows)
  const series = values.map(({ key, label }): PlotSeries => ({
    key,
    label,
    values: placed.map(({ row }) => toNumber(row[key])),
  }))
  const xs = placed.map(({ x }) => x)
  const positions = kind === 'line' && axis !== 'name' ? relativePositions(xs) : undefined
  const shared = {
    ...{ kind, count: placed.length, series, partial: new Map(), positions },
    rows: placed.map(({ row }) => row),
    times: axis === 'time' ? xs : undefined,
  }
  if (axis === 'time') return { ...shared, ...timeAxis(xs, positions, options) }
  const names = placed.map(({ row, x }) =>
    axis === 'number' ? formatDecimal(x, options.locale) : nameOf(row[xKey]),
  )
  return { ...shared, ...nameAxis(names, axis === 'number' ? xs : undefined, positions) }
}

function placeRows<Row extends object>(
  rows: readonly Row[],
  xKey: keyof Row,
  axis: AxisKind,
): PlacedRow<Row>[] {
  if (axis === 'name') return rows.map((row, x) => ({ row, x }))
  const placed = rows.flatMap(row => {
    const x = axis === 'time' ? toTime(row[xKey]) : toNumber(row[xKey])
    return x === undefined ? [] : [{ row, x }]
  })
  return placed.toSorted((a, b) => a.x - b.x)
}

/** Returns positions from 0 to 1; `undefined` for evenly spaced points, which need none. */
function relativePositions(xs: readonly number[]): number[] | undefined {
  const [first = 0, last = 0] = [xs[0], xs.at(-1)]
  const span = last - first
  if (xs.length < 3 || span === 0) return undefined
  const step = span / (xs.length - 1)
  const isEven = xs.every((x, index) => Math.abs(x - first - index * step) < step * 1e-6)
  return isEven ? undefined : xs.map(x => (x - first) / span)
}

type Axis = Pick<Plot, 'keyOf' | 'nameOf' | 'ticks'>

function timeAxis(
  starts: readonly number[],
  positions: readonly number[] | undefined,
  { locale, timeZone, kind }: Pick<RowsPlotOptions<object>, 'locale' | 'timeZone' | 'kind'>,
): Axis {
  const granularity = granularityOf(starts.map(at => ({ at })))
  const zone = timeZone !== undefined && isTimeZone(timeZone) ? timeZone : undefined
  const isDayOfData = granularity === 'day' && zone === undefined
  const offset = isDayOfData ? offsetOfDays(starts) : zoneOffset(zone)
  const [first = 0, last = 0] = [starts[0], starts.at(-1)]
  const labels = timeLabels(granularity, locale, offset, last - first)
  const text = (index: number): string => labels.tick(starts[index] ?? 0)
  return {
    keyOf: index => starts[index] ?? index,
    nameOf: index => (starts[index] === undefined ? '' : labels.full(starts[index])),
    ticks(maxCharacters) {
      const maxTicks = tickCount(maxCharacters, Math.max(text(0).length, labels.tick(last).length))
      const whole = positions ? [] : timeTicks(starts, granularity, maxTicks, offset)
      const places = positions ?? evenPositions(starts.length, kind)
      const indexes = whole.length > 1 ? whole : spreadTicks(places, maxTicks)
      return indexes.map(index => ({ index, text: text(index) }))
    },
  }
}

function nameAxis(
  names: readonly string[],
  keys: readonly number[] | undefined,
  positions: readonly number[] | undefined,
): Axis {
  return {
    keyOf: index => keys?.[index] ?? index,
    nameOf: index => names[index] ?? '',
    ticks(maxCharacters): PlotTick[] {
      const longest = Math.max(0, ...names.map(({ length }) => Math.min(length, maxTickCharacters)))
      const maxTicks = tickCount(maxCharacters, longest)
      const indexes = spreadTicks(positions ?? evenPositions(names.length, 'bar'), maxTicks)
      return indexes.map(index => ({ index, text: shorten(names[index] ?? '') }))
    },
  }
}

function evenPositions(count: number, kind: 'line' | 'bar'): number[] {
  return Array.from({ length: count }, (_, index) =>
    kind === 'bar' ? (index + 0.5) / count : index / Math.max(1, count - 1),
  )
}

function nameOf(value: unknown): string {
  if (typeof value === 'string') return value
  const isPlain =
    typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean'
  return isPlain ? `${value}` : '–'
}

function shorten(name: string): string {
  const characters = [...name]
  if (characters.length <= maxTickCharacters) return name
  return `${characters.slice(0, maxTickCharacters - 1).join('')}…`
}
