import type { Cursor } from '@tidemark/protocol'
import type { EncodedFrame } from './stream.ts'

/** What a transport makes of a frame, made once for all readers of a room and forgotten with the frame. */
export function oncePerFrame<T extends object>(
  make: (frame: EncodedFrame, cursor: Cursor) => T,
): (frame: EncodedFrame, cursor: Cursor) => T {
  const made = new WeakMap<EncodedFrame, T>()
  return (frame, cursor) => {
    const known = made.get(frame)
    if (known) return known
    const fresh = make(frame, cursor)
    made.set(frame, fresh)
    return fresh
  }
}
