import {
  type RangeSelection,
  isDateOnly,
  parseLength,
  startOfLocalDay,
  toDateText,
  toMilliseconds,
} from './range-selection.ts'
import { monthsBefore } from './resolve-range.ts'

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs

/** Start and end of a selection as a viewer sees it, in milliseconds since 1970. */
export interface RangeSpan {
  readonly from: number
  /** Exclusive. */
  readonly to: number
  /** Whether the span is whole days of the viewer's time zone. */
  readonly isDays: boolean
}

/**
 * Returns start and end of a selection, for display and for steps to the next one.
 * @throws {TidemarkError} `query_invalid` for an invalid length or time
 */
export function spanOf(selection: RangeSelection, now: number): RangeSpan {
  const [today, tomorrow] = [startOfLocalDay(now), startOfLocalDay(now, 1)]
  if ('day' in selection) {
    return selection.day === 'today'
      ? { from: today, to: tomorrow, isDays: true }
      : { from: startOfLocalDay(now, -1), to: today, isDays: true }
  }
  if ('from' in selection) {
    const span = { from: toMilliseconds(selection.from), to: toMilliseconds(selection.to) }
    const areDates = isDateOnly(selection.from) && isDateOnly(selection.to)
    // A range that was selected in a chart of days has times.
    const isMidnights = [span.from, span.to].every(time => startOfLocalDay(time) === time)
    return { ...span, isDays: areDates || (isMidnights && span.to > span.from) }
  }
  const { count, unit } = parseLength(selection.last)
  if (unit === 'mo') {
    return { from: toMilliseconds(monthsBefore(now, count)), to: tomorrow, isDays: true }
  }
  if (unit === 'd') return { from: startOfLocalDay(now, 1 - count), to: tomorrow, isDays: true }
  const to = Math.ceil(now / minuteMs) * minuteMs
  return { from: to - count * (unit === 'h' ? hourMs : minuteMs), to, isDays: false }
}

/** Returns the span of a selection; `undefined` for an invalid one, such as one from a URL. */
export function trySpanOf(selection: RangeSelection, now: number): RangeSpan | undefined {
  try {
    return spanOf(selection, now)
  } catch {
    return undefined
  }
}

/** Whether two selections are the same preset, or the same fixed range. */
export function isSameSelection(one: RangeSelection, other: RangeSelection): boolean {
  return selectionKeyOf(one) === selectionKeyOf(other)
}

/** Returns a text that is equal for equal selections. */
export function selectionKeyOf(selection: RangeSelection): string {
  if ('last' in selection) return selection.last
  if ('day' in selection) return selection.day
  return [selection.from, selection.to]
    .map(time => (time instanceof Date ? time.getTime() : time))
    .join()
}

/**
 * Returns the selection of the same length before or after another one. It does not reach beyond now; a result that
 * ends now is the preset of the same length, if there is one, and so moves with time.
 *
 * @param direction -1 for the selection before, 1 for the one after
 * @param now milliseconds since 1970
 */
export function stepSelection(
  selection: RangeSelection,
  direction: -1 | 1,
  now: number,
  presets: readonly RangeSelection[],
): RangeSelection {
  const span = spanOf(selection, now)
  const stepped = span.isDays ? stepDays(span, direction, now) : stepTime(span, direction, now)
  const preset = presets.find(each => isSameSpan(spanOf(each, now), stepped))
  if (preset) return preset
  const { from, to, isDays } = stepped
  return isDays ? { from: toDateText(from), to: toDateText(to) } : { from, to }
}

/** Whether a step in a direction leads to another range. @param min earliest time, in milliseconds since 1970 */
export function canStep(
  { from, to, isDays }: RangeSpan,
  direction: -1 | 1,
  { now, min = -Infinity, max = Infinity }: { now: number; min?: number; max?: number },
): boolean {
  if (direction === -1) return from > min
  return to < Math.min(max, isDays ? startOfLocalDay(now, 1) : now)
}

function stepDays({ from, to }: RangeSpan, direction: -1 | 1, now: number): RangeSpan {
  // Rounded: a day of a daylight saving change has 23 or 25 hours.
  const days = Math.max(1, Math.round((to - from) / dayMs))
  const end = Math.min(startOfLocalDay(to, direction * days), startOfLocalDay(now, 1))
  return { from: startOfLocalDay(end, -days), to: end, isDays: true }
}

function stepTime({ from, to }: RangeSpan, direction: -1 | 1, now: number): RangeSpan {
  const lengthMs = to - from
  const end = Math.min(to + direction * lengthMs, Math.ceil(now / minuteMs) * minuteMs)
  return { from: end - lengthMs, to: end, isDays: false }
}

function isSameSpan(one: RangeSpan, other: RangeSpan): boolean {
  return one.from === other.from && one.to === other.to && one.isDays === other.isDays
}
