import {
  type Cursor,
  type Frame,
  type Patch,
  type ResetReason,
  type Selection,
  type Snapshot,
  type State,
  applyPatch,
  formatCursor,
} from '@tidemark/protocol'

/** State and frames of a site in one server process. */
export interface ModelSite {
  readonly epoch: number
  /** Current values of all channels. */
  readonly state: State
  publish(patch: Patch): void
  /** Evicts all frames, as a full ring buffer does. */
  evictFrames(): void
  cursorOf(selection: Selection): Cursor
  snapshotOf(selection: Selection): Snapshot
  since(selection: Selection, cursor: Cursor): { frames: readonly Frame[] } | { reset: ResetReason }
  /** Calls the listener after each frame. */
  onFrame(listener: () => void): () => void
}

/**
 * Creates a site whose state changes by frames.
 * @param initialState with a value for every channel
 */
export function createModelSite(initialState: State, epoch: number): ModelSite {
  const listeners = new Set<() => void>()
  let state = initialState
  let frames: { s: number; patch: Patch }[] = []
  let seq = 0
  /** Sequence number of the last frame that changed each channel. */
  const changed = new Map<string, number>()
  /** Sequence number of the last evicted frame that changed each channel. */
  let evicted = new Map<string, number>()

  const cursorOf = ({ channels }: Selection): Cursor => ({
    epoch,
    seq: Math.max(...channels.map(channel => changed.get(channel) ?? 0)),
  })

  return {
    epoch,
    get state() {
      return state
    },
    publish(patch) {
      seq++
      state = applyPatch(state, patch)
      frames.push({ s: seq, patch })
      for (const channel of Object.keys(patch)) changed.set(channel, seq)
      for (const listener of [...listeners]) listener()
    },
    evictFrames() {
      frames = []
      evicted = new Map(changed)
    },
    cursorOf,
    snapshotOf(selection) {
      const cursor = formatCursor(cursorOf(selection))
      return { cursor, at: 1, windowMinutes: selection.minutes, ...pick(state, selection) }
    },
    since(selection, cursor) {
      if (cursor.epoch !== epoch) return { reset: 'epoch' }
      if (cursor.seq > seq) return { reset: 'future' }
      if (selection.channels.some(channel => (evicted.get(channel) ?? 0) > cursor.seq)) {
        return { reset: 'expired' }
      }
      let p = cursor.seq
      const later: Frame[] = []
      for (const { s, patch } of frames) {
        const part = pick(patch, selection)
        if (s <= cursor.seq || Object.keys(part).length === 0) continue
        later.push({ p, s, at: 1, patch: part })
        p = s
      }
      return { frames: later }
    },
    onFrame(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}

function pick<Value extends object>(value: Value, { channels }: Selection): Partial<Value> {
  const wanted = new Set<string>(channels)
  const picked = Object.entries(value).filter(([channel]) => wanted.has(channel))
  return Object.fromEntries(picked) as Partial<Value>
}
