/**
 * Identifies one state of one site. All transports use the same cursor: it is the sequence number of a WebSocket
 * frame, the id of a server-sent event, the position of a long poll, and the ETag of a poll.
 */
export interface Cursor {
  /** Number of the server's start. Each start has a higher number than all earlier ones. */
  readonly epoch: number
  /** Number of the last frame in this state; 0 for the first state of the epoch. */
  readonly seq: number
}

/** Formats a cursor: `{ epoch: 7, seq: 42 }` → `"7.42"`. */
export function formatCursor(cursor: Cursor): string {
  return `${cursor.epoch}.${cursor.seq}`
}

/**
 * Parses a cursor: `"7.42"` → `{ epoch: 7, seq: 42 }`. Returns `undefined` for text that `formatCursor` cannot
 * return. Both numbers have at most 15 digits, so they are exact in a double.
 */
export function parseCursor(text: string): Cursor | undefined {
  const match = /^(0|[1-9]\d{0,14})\.(0|[1-9]\d{0,14})$/.exec(text)
  return match ? { epoch: Number(match[1]), seq: Number(match[2]) } : undefined
}

/** Compares two cursors: negative if `a` is earlier, 0 if they are equal, positive if `a` is later. */
export function compareCursors(a: Cursor, b: Cursor): number {
  return a.epoch - b.epoch || a.seq - b.seq
}
