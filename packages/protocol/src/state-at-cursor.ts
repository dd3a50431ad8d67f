import type { Snapshot, State } from './channels.ts'
import { type Cursor, compareCursors, parseCursor } from './cursor.ts'
import { type Frame, applyPatch } from './frame.ts'

/** The position of a reader: a state and the cursor that identifies it. Immutable. */
export interface StateAtCursor {
  readonly cursor: Cursor
  /** Time of the last change, in milliseconds since 1970 by the server's clock. */
  readonly at: number
  /** Window of the windowed channels, in minutes. */
  readonly windowMinutes: number
  readonly state: State
}

/**
 * Applies a snapshot from any transport. A snapshot that is not newer than the current position, such as a cached
 * copy or an answer overtaken by a frame, returns the same position.
 * @throws {TypeError} when the snapshot's cursor is invalid
 */
export function applySnapshot(
  current: StateAtCursor | undefined,
  snapshot: Snapshot,
): StateAtCursor {
  const { cursor: text, at, windowMinutes, ...state } = snapshot
  const cursor = parseCursor(text)
  if (!cursor) throw new TypeError(`Invalid cursor '${text}'; a cursor looks like '7.42'.`)
  if (current && compareCursors(cursor, current.cursor) <= 0) return current
  return { cursor, at, windowMinutes, state }
}

/**
 * Applies a frame of the same epoch and selection. With `seq` as the current sequence number, it returns
 *
 * - the same position if the frame is not newer (`s ≤ seq`);
 * - the next position if the frame follows (`p ≤ seq < s`);
 * - `'gap'` if frames are missing before it (`p > seq`). The reader must fetch the frames since its cursor.
 */
export function applyFrame(current: StateAtCursor, frame: Frame): StateAtCursor | 'gap' {
  const { epoch, seq } = current.cursor
  if (frame.s <= seq) return current
  if (frame.p > seq) return 'gap'
  return {
    cursor: { epoch, seq: frame.s },
    at: frame.at,
    windowMinutes: current.windowMinutes,
    state: applyPatch(current.state, frame.patch),
  }
}
