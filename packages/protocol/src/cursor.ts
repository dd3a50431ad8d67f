/**
 * A cursor names one state of one site: the epoch of the server that numbered it, and the number of
 * the last frame in it. It is the same on every transport: the WebSocket's sequence, the position of
 * a long-poll, and the entity tag of a plain poll.
 */
export interface Cursor {
  /** Grows with every start of the server, so a later epoch always sorts after an earlier one. */
  readonly epoch: number
  /** Number of the last frame, from 0 (the state the epoch began with). */
  readonly seq: number
}

/** `{ epoch: 7, seq: 42 }` → `"7.42"`. */
export function formatCursor(cursor: Cursor): string {
  return `${cursor.epoch}.${cursor.seq}`
}

/**
 * `"7.42"` → `{ epoch: 7, seq: 42 }`; `undefined` for anything that `formatCursor` cannot have made.
 * Both numbers have at most 15 digits, so they are exact in a double.
 */
export function parseCursor(text: string): Cursor | undefined {
  const match = /^(0|[1-9]\d{0,14})\.(0|[1-9]\d{0,14})$/.exec(text)
  return match ? { epoch: Number(match[1]), seq: Number(match[2]) } : undefined
}

/** Negative when `a` is the earlier state, 0 when they are the same, positive when `a` is the later one. */
export function compareCursors(a: Cursor, b: Cursor): number {
  return a.epoch - b.epoch || a.seq - b.seq
}
