import type { EventProperty } from './event-property.ts'

/** Aggregates of an event's `value` over one window. All fields are 0 in a window without values. */
export interface ValueWindow {
  count: number
  sum: number
  mean: number
  min: number
  max: number
  /** Value with the latest event time in the window; of equal times, the one that arrived last. */
  last: number
  p50: number
  p75: number
  p90: number
  p95: number
  p99: number
  /** Values per second. */
  rate: number
}

/**
 * Events with one value of a property. Events with a numeric `value` add its summary, in which `count` is their number.
 */
export interface PropertyValueRow extends Partial<Omit<ValueWindow, 'rate'>> {
  /** The value as text; `(other)` in the rest row. */
  property: string
  events: number
  visitors: number
  rest?: true
}

/** A property of the selection and its values today, most events first. The rows equal those of `by=property`. */
export interface PropertyValues extends EventProperty {
  rows: PropertyValueRow[]
}

export interface ValueRow {
  name: string
  '1s': ValueWindow
  '5s': ValueWindow
  '1m': ValueWindow
}
