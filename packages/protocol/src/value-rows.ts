import type { EventProperty } from './event-property.ts'

/** Summary of the `value` of events. */
export interface ValueStats {
  /** Number of events with a value. */
  count: number
  sum: number
  mean: number
  min: number
  max: number
  /** Value with the latest event time; of equal times, the one that arrived last. */
  last: number
  p50: number
  p75: number
  p90: number
  p95: number
  p99: number
}

/** Summary of an event's `value` over one window. All fields are 0 in a window without values. */
export interface ValueWindow extends ValueStats {
  /** Values per second. */
  rate: number
}

/**
 * Events with one value of a property; in a query of history also those with one property, or those with one name. The
 * summary of their `value` is there if one of them has a value.
 */
export interface PropertyValueRow extends Partial<ValueStats> {
  /** The value, the property or the name of the events as text; `(other)` in the rest row. */
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
