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

/** A site as a server holds it: a state, the numbered frames that made it, and how it was at each of them. */
export interface ModelSite {
  readonly epoch: number
  publish(patch: Patch): void
  /** The server begins a new epoch, with the state of before. */
  restart(): void
  /** Forgets all frames, as a ring does in time. */
  forget(): void
  cursorOf(selection: Selection): Cursor
  snapshotOf(selection: Selection): Snapshot
  since(selection: Selection, cursor: Cursor): { frames: readonly Frame[] } | { reset: ResetReason }
  /** Every channel as it was at a cursor; `undefined` when it never was there. */
  stateAt(cursor: string): State | undefined
  /** Calls back after each frame. */
  onFrame(listener: () => void): () => void
}

/** @param beginning with all channels that there will be */
export function createModelSite(beginning: State, epoch = 7): ModelSite {
  const history = new Map<string, State>()
  const listeners = new Set<() => void>()
  let state = beginning
  let frames: { s: number; patch: Patch }[] = []
  let seq = 0
  /** The last frame of this epoch that changed each channel. */
  let changed = new Map<string, number>()
  /** Of the frames that are not kept any more, the last one that changed each channel. */
  let lost = new Map<string, number>()

  const remember = (): unknown => history.set(formatCursor({ epoch, seq }), state)
  remember()

  const cursorOf = ({ channels }: Selection): Cursor => ({
    epoch,
    seq: Math.max(...channels.map(channel => changed.get(channel) ?? 0)),
  })
  const pick = <Value extends object>(value: Value, { channels }: Selection): Partial<Value> => {
    const wanted = new Set<string>(channels)
    return Object.fromEntries(
      Object.entries(value).filter(([channel]) => wanted.has(channel)),
    ) as Partial<Value>
  }

  return {
    get epoch() {
      return epoch
    },
    publish(patch) {
      seq++
      state = applyPatch(state, patch)
      frames.push({ s: seq, patch })
      for (const channel of Object.keys(patch)) changed.set(channel, seq)
      remember()
      for (const listener of [...listeners]) listener()
    },
    restart() {
      epoch++
      seq = 0
      frames = []
      changed = new Map()
      lost = new Map()
      remember()
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
    stateAt: cursor => history.get(cursor),
    onFrame(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}
