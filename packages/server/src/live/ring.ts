/** The last frames of a site, so that a reader can come back to where it was. */
export interface RingFrame {
  seq: number
  at: number
  /** By slot (see slots.ts): the change, and its JSON. */
  patches: ReadonlyMap<string, SlotPatch>
}

export interface SlotPatch {
  patch: unknown
  json: string
}

export interface RingBounds {
  /** @default 1,024 */
  maxFrames: number
  /** JSON of all patches together. @default 2 MiB */
  maxBytes: number
}

export const defaultRingBounds: RingBounds = { maxFrames: 1024, maxBytes: 2 * 1024 * 1024 }

export interface Ring {
  push(frame: RingFrame): void
  /** The frames after `seq`, in order. */
  after(seq: number): readonly RingFrame[]
  /** The last frame to leave the ring that changed this slot, or 0. */
  lostOf(slot: string): number
}

export function createRing(bounds: RingBounds = defaultRingBounds): Ring {
  const frames: RingFrame[] = []
  const lost = new Map<string, number>()
  let bytes = 0

  return {
    push(frame) {
      frames.push(frame)
      bytes += sizeOf(frame)
      while (frames.length > bounds.maxFrames || bytes > bounds.maxBytes) {
        const oldest = frames.shift()
        if (!oldest) break
        bytes -= sizeOf(oldest)
        for (const slot of oldest.patches.keys()) lost.set(slot, oldest.seq)
      }
    },
    after(seq) {
      const first = frames[0]
      // Numbers in the ring have no holes, so a place follows from a number.
      return first ? frames.slice(Math.max(0, seq + 1 - first.seq)) : []
    },
    lostOf: slot => lost.get(slot) ?? 0,
  }
}

function sizeOf(frame: RingFrame): number {
  let size = 0
  for (const { json } of frame.patches.values()) size += json.length
  return size
}
