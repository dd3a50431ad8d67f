import type { EncodedFrame } from './stream.ts'

/** What a transport makes of a frame, made once for all readers of a room and forgotten with the frame. */
export function memoizePerFrame<T extends object>(
  make: (frame: EncodedFrame) => T,
): (frame: EncodedFrame) => T {
  const made = new WeakMap<EncodedFrame, T>()
  return frame => {
    const known = made.get(frame)
    if (known) return known
    const fresh = make(frame)
    made.set(frame, fresh)
    return fresh
  }
}
