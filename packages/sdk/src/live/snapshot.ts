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

/** Returns whether a state has all channels of a selection, and a row for each path and property. */
export function hasAll({ channels, paths, properties }: Selection, state: object): boolean {
  return (
    channels.every(channel => channel in state) &&
    hasRows('pageVisitors' in state ? state.pageVisitors : [], paths.length) &&
    hasRows('properties' in state ? state.properties : [], properties.length)
  )
}

function hasRows(rows: unknown, count: number): boolean {
  return Array.isArray(rows) && rows.every(isObject) && rows.length >= count
}
