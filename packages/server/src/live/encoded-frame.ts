import { type Cursor, type Frame, mergeFrames } from '@tidemark/protocol'

/** A frame of one selection, with the JSON that every transport sends. */
export interface EncodedFrame extends Frame {
  readonly json: string
  /** Cursor of a reader that has applied it. */
  readonly cursor: Cursor
}

/** Merges consecutive frames of one selection into one. */
export function mergeEncoded(frames: readonly EncodedFrame[]): EncodedFrame | undefined {
  const [first, ...later] = frames
  if (!first || later.length === 0) return first
  const { p, s, at, patch } = later.reduce<Frame>(mergeFrames, first)
  const cursor = { epoch: first.cursor.epoch, seq: s }
  return { p, s, at, patch, json: JSON.stringify({ p, s, at, patch }), cursor }
}
