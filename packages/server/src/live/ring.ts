/** One frame with its changes by slot. */
export interface RingFrame {
  seq: number
  at: number
  /** Changes by the name of their slot. */
  patches: ReadonlyMap<string, SlotPatch>
}

export interface SlotPatch {
  patch: unknown
  json: string
}

export interface RingBounds {
  /** @default 1,024 */
  maxFrames: number
  /** JSON of all patches, in characters. @default 2 MiB */
  maxBytes: number
}

export const defaultRingBounds: RingBounds = { maxFrames: 1024, maxBytes: 2 * 1024 * 1024 }

/** The last frames of a site, for readers that reconnect. */
export interface Ring {
  push(frame: RingFrame): void
  /** Returns the frames after a sequence number, in order. */
  after(seq: number): readonly RingFrame[]
  /** Returns the sequence number of the last evicted frame that changed a slot, or 0. */
  evictedSeqOf(slot: string): number
}

export function createRing(bounds: RingBounds = defaultRingBounds): Ring {
  const frames: RingFrame[] = []
  const evicted = new Map<string, number>()
  let bytes = 0

  return {
    push(frame) {
      frames.push(frame)
      bytes += sizeOf(frame)
      while (frames.length > bounds.maxFrames || bytes > bounds.maxBytes) {
        const oldest = frames.shift()
        if (!oldest) break
        bytes -= sizeOf(oldest)
        for (const slot of oldest.patches.keys()) evicted.set(slot, oldest.seq)
      }
    },
    after(seq) {
      const first = frames[0]
      // Sequence numbers in the ring have no gaps, so the index follows from the number.
      return first ? frames.slice(Math.max(0, seq + 1 - first.seq)) : []
    },
    evictedSeqOf: slot => evicted.get(slot) ?? 0,
  }
}

function sizeOf(frame: RingFrame): number {
  let size = 0
  for (const { json } of frame.patches.values()) size += json.length
  return size
}
