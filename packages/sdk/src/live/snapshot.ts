import { type Selection, type Snapshot, parseCursor } from '@tidemark/protocol'
import { isObject } from '../shared/is-object.ts'

/**
 * Returns whether a response body is a snapshot of the selection. It may be anything: a proxy may answer with its own
 * page, and a cache that ignores the query with other channels.
 */
export function isSnapshotOf(selection: Selection, body: unknown): body is Snapshot {
  return (
    isObject(body) &&
    typeof body['cursor'] === 'string' &&
    parseCursor(body['cursor']) !== undefined &&
    hasAll(selection, body)
  )
}

/** Returns whether a state has all channels of a selection, and a row for each path. */
export function hasAll({ channels, paths }: Selection, state: object): boolean {
  const rows: unknown = 'pageVisitors' in state ? state.pageVisitors : []
  return (
    channels.every(channel => channel in state) &&
    Array.isArray(rows) &&
    rows.every(isObject) &&
    rows.length >= paths.length
  )
}
