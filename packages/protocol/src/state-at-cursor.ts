import type { Snapshot, State } from './channels.ts'
import { type Cursor, compareCursors, parseCursor } from './cursor.ts'
import { type Frame, applyPatch } from './frame.ts'

/** Where a reader is: a state and the cursor that names it. Immutable; taking something in makes a new one. */
export interface StateAtCursor {
  readonly cursor: Cursor
  /** When the state became this, by the server's clock. */
  readonly at: number
  readonly windowMinutes: number
  readonly state: State
}

/**
 * Takes in a snapshot, by whatever road it came. One that is not newer than what the reader holds (a
 * cache's copy, an answer overtaken by a frame) changes nothing and gives back the same mark.
 * @throws {TypeError} when the snapshot's cursor is not a cursor.
 */
export function applySnapshot(mark: StateAtCursor | undefined, snapshot: Snapshot): StateAtCursor {
  const { cursor: text, at, windowMinutes, ...state } = snapshot
  const cursor = parseCursor(text)
  if (!cursor) throw new TypeError(`Not a cursor: ${text}`)
  if (mark && compareCursors(cursor, mark.cursor) <= 0) return mark
  return { cursor, at, windowMinutes, state }
}

/**
 * Takes in a frame of the mark's own epoch and selection.
 *
 * - not newer (`s ≤ mine`): the same mark, the frame is dropped;
 * - the next one (`p ≤ mine < s`): the mark after it;
 * - one with something missing before it (`p > mine`): `'gap'`, and the reader has to fetch the
 *   frames since its mark.
 */
export function applyFrame(mark: StateAtCursor, frame: Frame): StateAtCursor | 'gap' {
  const mine = mark.cursor.seq
  if (frame.s <= mine) return mark
  if (frame.p > mine) return 'gap'
  return {
    cursor: { epoch: mark.cursor.epoch, seq: frame.s },
    at: frame.at,
    windowMinutes: mark.windowMinutes,
    state: applyPatch(mark.state, frame.patch),
  }
}
