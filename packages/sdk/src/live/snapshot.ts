import { type Selection, type Snapshot, parseCursor } from '@tidemark/protocol'
import { isObject } from '../shared/is-object.ts'

/**
 * Whether what came is the whole state of a selection. It may be anything: a proxy answers with a page
 * of its own, and a cache that goes by the path alone with other channels than were asked for.
 */
export function isSnapshotOf(selection: Selection, body: unknown): body is Snapshot {
  return (
    isObject(body) &&
    typeof body['cursor'] === 'string' &&
    parseCursor(body['cursor']) !== undefined &&
    selection.channels.every(channel => channel in body)
  )
}
