/** A slot of which the ring stores changes. */
export interface StoredSlot {
  /** The ring sets it to the sequence number of the last evicted frame that changed the slot. */
  evictedSeq: number
}

/** One frame with its changes by slot. */
export interface RingFrame {
  seq: number
  at: number
  patches: ReadonlyMap<StoredSlot, SlotPatch>
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

export interface RingSize {
  readonly frames: number
  readonly bytes: number
}

/** The last frames of a site, for readers that reconnect. */
export interface Ring {
  push(frame: RingFrame): void
  /** Returns the frames after a sequence number, in order. */
  after(seq: number): readonly RingFrame[]
  /** Number of stored frames, and the characters of their patches. */
  readonly size: RingSize
}

export function createRing(bounds: RingBounds = defaultRingBounds): Ring {
  const frames: RingFrame[] = []
  let bytes = 0

  return {
    push(frame) {
      frames.push(frame)
      bytes += sizeOf(frame)
      while (frames.length > bounds.maxFrames || bytes > bounds.maxBytes) {
        const oldest = frames.shift()
        if (!oldest) break
        bytes -= sizeOf(oldest)
        for (const slot of oldest.patches.keys()) slot.evictedSeq = oldest.seq
      }
    },
    get size() {
      return { frames: frames.length, bytes }
    },
    after: seq => frames.slice(frames.findLastIndex(frame => frame.seq <= seq) + 1),
  }
}

function sizeOf(frame: RingFrame): number {
  let size = 0
  for (const { json } of frame.patches.values()) size += json.length
  return size
}
