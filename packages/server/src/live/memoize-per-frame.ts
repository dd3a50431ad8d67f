import type { EncodedFrame } from './encoded-frame.ts'

/** Memoizes the encoding of a frame by a transport: one for all readers, released with the frame. */
export function memoizePerFrame<T extends object>(
  encode: (frame: EncodedFrame) => T,
): (frame: EncodedFrame) => T {
  const encodings = new WeakMap<EncodedFrame, T>()
  return frame => {
    const known = encodings.get(frame)
    if (known) return known
    const encoding = encode(frame)
    encodings.set(frame, encoding)
    return encoding
  }
}
