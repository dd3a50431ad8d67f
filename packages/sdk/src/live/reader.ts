import {
  type ChannelName,
  type Frame,
  type StateAtCursor,
  type Selection,
  type Snapshot,
  type State,
  compareCursors,
  defaultMinutes,
  applyFrame,
  applySnapshot,
} from '@tidemark/protocol'

/** Holds the state and cursor of a selection. All transports apply their data here. */
export interface Reader {
  /** Last known state and its cursor; `undefined` until the first snapshot. */
  readonly position: StateAtCursor | undefined
  /** Whether the state has every selected channel, so that frames can be applied. */
  readonly isComplete: boolean
  /** Changes the selection. Channels that stay selected keep their values. */
  select(selection: Selection): void
  /**
   * Applies a newer snapshot. Unchanged channels keep their identity.
   * @returns whether the state is as new as the snapshot; an older one, for example from a cache, confirms nothing
   * @throws {TypeError} when the snapshot has no cursor
   */
  applySnapshot(snapshot: Snapshot): boolean
  /**
   * Applies a frame.
   * @returns `'gap'` when earlier frames are missing; the position is then unchanged
   * @throws {TypeError} when the message is not a frame
   */
  applyFrame(frame: Frame): 'applied' | 'gap'
}

export function createReader(): Reader {
  let position: StateAtCursor | undefined
  let selection: Selection = { channels: [], minutes: defaultMinutes }
  /** Selection that the cursor belongs to; has more channels than `selection` after channels were removed. */
  let cursorSelection: Selection = selection
  let isComplete = false

  function isNewer(fresh: StateAtCursor): boolean {
    if (!position || fresh.cursor.epoch > position.cursor.epoch) return true
    const order = compareCursors(fresh.cursor, position.cursor)
    if (isComplete) return order > 0
    // With more channels the cursor can only be later, so an earlier cursor means an outdated copy. Cursors of
    // selections that do not include each other cannot be compared within an epoch; the snapshot then applies.
    return includesAll(selection, cursorSelection.channels)
      ? order >= 0
      : fresh.cursor.epoch === position.cursor.epoch
  }

  return {
    get position() {
      return position
    },
    get isComplete() {
      return isComplete
    },
    select(next) {
      selection = next
      if (!position) return
      const { state } = position
      isComplete = next.channels.every(channel => channel in state)
      position = { ...position, state: pick(state, next) }
    },
    applySnapshot(snapshot) {
      const fresh = applySnapshot(undefined, snapshot)
      if (!isNewer(fresh)) return !!position && compareCursors(fresh.cursor, position.cursor) === 0
      const state = reuseUnchanged(position?.state ?? {}, pick(fresh.state, selection))
      position = { ...fresh, state }
      cursorSelection = selection
      isComplete = true
      return true
    },
    applyFrame(frame) {
      if (!Number.isSafeInteger(frame.p) || !Number.isSafeInteger(frame.s)) {
        throw new TypeError('The frame has no sequence numbers `p` and `s`.')
      }
      if (!position || !isComplete) return 'gap'
      const next = applyFrame(position, frame)
      if (next === 'gap') return 'gap'
      if (next !== position) cursorSelection = selection
      position = next
      return 'applied'
    },
  }
}

function includesAll({ channels }: Selection, names: readonly ChannelName[]): boolean {
  return names.every(name => channels.includes(name))
}

function pick(state: State, { channels }: Selection): State {
  const selected = new Set<string>(channels)
  return Object.fromEntries(Object.entries(state).filter(([channel]) => selected.has(channel)))
}

/** Returns the fresh state with the previous object for each channel whose value is unchanged. */
function reuseUnchanged(previous: State, fresh: State): State {
  const values = new Map<string, unknown>(Object.entries(previous))
  // One server serialized both, so equal values have their keys in the same order.
  const isSame = (name: string, value: unknown): boolean =>
    JSON.stringify(values.get(name)) === JSON.stringify(value)
  return Object.fromEntries(
    Object.entries(fresh).map(([name, value]) => [
      name,
      isSame(name, value) ? values.get(name) : value,
    ]),
  )
}
