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

/** A site as one process of a server holds it: a state, and the numbered frames that made it. */
export interface ModelSite {
  readonly epoch: number
  /** All channels, as they are now. */
  readonly state: State
  publish(patch: Patch): void
  /** Forgets all frames, as a ring does in time. */
  forget(): void
  cursorOf(selection: Selection): Cursor
  snapshotOf(selection: Selection): Snapshot
  since(selection: Selection, cursor: Cursor): { frames: readonly Frame[] } | { reset: ResetReason }
  /** Calls back after each frame. */
  onFrame(listener: () => void): () => void
}

/** @param beginning with all channels that there will be */
export function createModelSite(beginning: State, epoch: number): ModelSite {
  const listeners = new Set<() => void>()
  let state = beginning
  let frames: { s: number; patch: Patch }[] = []
  let seq = 0
  /** The last frame that changed each channel. */
  const changed = new Map<string, number>()
  /** Of the frames that are not kept any more, the last one that changed each channel. */
  let lost = new Map<string, number>()

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
    forget() {
      frames = []
      lost = new Map(changed)
    },
    cursorOf,
    snapshotOf(selection) {
      const cursor = formatCursor(cursorOf(selection))
      return { cursor, at: 1, windowMinutes: selection.minutes, ...pick(state, selection) }
    },
    since(selection, cursor) {
      if (cursor.epoch !== epoch) return { reset: 'epoch' }
      if (cursor.seq > seq) return { reset: 'future' }
      if (selection.channels.some(channel => (lost.get(channel) ?? 0) > cursor.seq)) {
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
