import { type ValueStats, historyDimensions } from '@tidemark/protocol'
import type { BreakdownDimension, Granularity } from './metrics.ts'

/** Returns the field of a row that has its name. */
export function nameFieldOf(by: BreakdownDimension): string {
  return by === 'value' ? 'name' : by
}

/** Returns the field of a row that has its count. */
export function countFieldOf(
  by: BreakdownDimension,
): 'pageViews' | 'events' | 'count' | 'sessions' {
  if (by === 'value') return 'count'
  return by === 'property' ? 'events' : historyDimensions[by].count
}

/** Returns the finest granularity that counts by a dimension. */
export function finestOf(by: BreakdownDimension): Extract<Granularity, 'minute' | 'hour'> {
  if (by === 'value') return 'minute'
  return by === 'property' ? 'hour' : historyDimensions[by].finest
}

/** The fields of any row of a breakdown. */
export interface CommonRow {
  readonly name: string
  readonly count: number
  /** `undefined` for rows of sessions. */
  readonly visitors: number | undefined
  /** The row combines all names that are not listed. */
  readonly isRest: boolean
  /** Statistics of the `value` of the events of a property. */
  readonly stats?: ValueStats
}

/** Reads the fields of a row of any dimension. */
export function readRow(by: BreakdownDimension, row: object): CommonRow {
  const fields = new Map<string, unknown>(Object.entries(row))
  const name = fields.get(nameFieldOf(by))
  const [count, visitors] = [countFieldOf(by), 'visitors'].map(field => fields.get(field))
  return {
    name: typeof name === 'string' ? name : '',
    count: typeof count === 'number' ? count : 0,
    visitors: typeof visitors === 'number' ? visitors : undefined,
    isRest: fields.get('rest') === true,
    ...(hasStats(row) && { stats: row }),
  }
}

/** Reports whether a row has a summary of values: all its fields, or none. */
function hasStats(row: object): row is ValueStats {
  return 'p99' in row
}
